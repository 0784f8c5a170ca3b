"""Notices between processes and between parts of one, on both kinds of database."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from journeyman.kit.database import Database
from journeyman.kit.wake import SocketWake, Wake, wake_for


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Wake]:
    wake = wake_for(database)
    await wake.start()
    yield wake
    await wake.close()


@asynccontextmanager
async def sending(database: Database) -> AsyncIterator[Wake]:
    wake = wake_for(database)
    yield wake
    await wake.close()


async def test_a_notice_wakes_every_listener_once(database: Database) -> None:
    async with listening(database) as one, listening(database) as two, sending(database) as sender:
        sender.notify()
        assert await one.wait(5)
        assert await two.wait(5)
        assert not await one.wait(0.05)


async def test_a_notice_between_two_waits_is_not_lost(database: Database) -> None:
    async with listening(database) as wake:
        second = wake.listener()
        wake.notify()
        assert await wake.wait(5)
        assert await second.wait(0)


async def test_many_notices_are_few_wakes(database: Database) -> None:
    async with listening(database) as wake, sending(database) as sender:
        sender.notify()
        assert await wake.wait(5)
        started = time.monotonic()
        wakes = 0
        while time.monotonic() < started + 0.2:
            sender.notify()
            wakes += await wake.wait(0)
            await asyncio.sleep(0)
        assert 2 <= wakes <= 110


async def test_a_notice_asked_for_just_before_closing_is_sent(database: Database) -> None:
    async with listening(database) as wake:
        async with sending(database) as sender:
            sender.notify()
        assert await wake.wait(5)


async def test_sending_with_nobody_listening_does_nothing(database: Database) -> None:
    async with sending(database) as sender:
        sender.notify()
        await asyncio.sleep(0)


async def test_another_process_is_woken(database: Database, database_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from journeyman.kit.database import Database\n"
        "from journeyman.kit.wake import wake_for\n"
        "async def main():\n"
        "    database = Database(sys.argv[1])\n"
        "    wake = wake_for(database)\n"
        "    wake.notify()\n"
        "    await wake.close()\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    async with listening(database) as wake:
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, database_url)
        assert await wake.wait(20)
        assert await other.wait() == 0


async def test_a_lost_database_connection_is_replaced_and_told(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("datagrams have no connection")
    async with listening(database) as wake, sending(database) as sender:
        sender.notify()
        assert await wake.wait(5)
        async with database.transaction() as connection:
            await connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query ILIKE '%journeyman_wake%' AND pid <> pg_backend_pid()"
            )
        assert await wake.wait(10), "what was missed while nobody listened is made good"
        sender.notify()  # finds its own connection lost and opens another
        assert await wake.wait(10)


async def test_dead_sockets_are_cleared_away(tmp_path: Path) -> None:
    wake = SocketWake(tmp_path / "journeyman.db")
    await wake.start()
    folder = wake._folder  # a long path of the file moves it elsewhere
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
        dead.bind(str(folder / "dead"))
    wake.notify()
    assert await wake.wait(5)
    assert len(list(folder.iterdir())) == 1
    await wake.close()
    assert list(folder.iterdir()) == []


async def test_a_long_path_moves_the_sockets_to_the_temporary_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("f" * 100)
    folder.mkdir()
    wake = SocketWake(folder / "journeyman.db")
    await wake.start()
    wake.notify()
    assert await wake.wait(5)
    await wake.close()
    assert list(folder.iterdir()) == []
