import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.kit.database import Database
from journeyman.kit.sqlite_driver import CHANGES, WRITES, QuickConnection, connect

COUNT = text("SELECT count(*) FROM t")


@pytest.fixture
async def two(tmp_path: Path) -> list[Database]:
    """Two processes' views of one file with an empty table."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.db'}"
    opened = [Database(url), Database(url)]
    async with opened[0].transaction() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))
    return opened


async def driver(connection: AsyncConnection) -> QuickConnection:
    found = (await connection.get_raw_connection()).driver_connection
    assert isinstance(found, QuickConnection)
    return found


async def insert(connection: AsyncConnection, number: int) -> None:
    await connection.execute(text("INSERT INTO t VALUES (:id)"), {"id": number})


async def test_a_writing_transaction_keeps_what_it_wrote_or_nothing(two: list[Database]) -> None:
    async with two[0].transaction() as connection:
        await insert(connection, 1)
    with pytest.raises(IntegrityError):
        await _insert_alone(two[0], 2, 1)
    async with two[1].reading() as connection:
        assert (await connection.execute(COUNT)).scalar_one() == 1
    for one in two:
        await one.close()


async def test_statements_of_a_writing_transaction_run_where_they_are_asked_for(tmp_path: Path) -> None:
    opened = await connect(tmp_path / "a.db")
    assert await opened.run(threading.get_ident) != threading.get_ident()
    await opened.cursor().execute(WRITES)
    assert await opened.run(threading.get_ident) == threading.get_ident()
    await opened.commit()
    assert await opened.run(threading.get_ident) != threading.get_ident()
    await opened.close()


async def test_waiting_for_another_process_stops_nobody_else(two: list[Database]) -> None:
    async with two[0].transaction() as holder:
        await insert(holder, 1)
        waiter = asyncio.create_task(_insert_alone(two[1], 2))
        async with two[1].reading() as reader:
            assert (await reader.execute(COUNT)).scalar_one() == 0
        assert not waiter.done()
    await waiter
    async with two[0].reading() as connection:
        assert (await connection.execute(COUNT)).scalar_one() == 2
    for one in two:
        await one.close()


async def test_who_gives_up_waiting_for_the_lock_does_not_keep_it(tmp_path: Path) -> None:
    holder, other = await connect(tmp_path / "a.db"), await connect(tmp_path / "a.db")
    await holder.cursor().execute(WRITES)
    waiter = asyncio.create_task(other.cursor().execute(WRITES))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await holder.commit()
    await other.rollback()
    async with asyncio.timeout(3):
        await holder.cursor().execute(WRITES)
    await holder.rollback()
    for one in (holder, other):
        await one.close()


async def test_a_failing_statement_leaves_the_connection_usable(tmp_path: Path) -> None:
    opened = await connect(tmp_path / "a.db")
    with pytest.raises(sqlite3.OperationalError):
        await opened.cursor().execute("SELECT nothing FROM nowhere")
    cursor = await opened.cursor().execute("SELECT 1 UNION SELECT 2 UNION SELECT 3")
    assert [await cursor.fetchone(), await cursor.fetchmany(1), await cursor.fetchall()] == [(1,), [(2,)], [(3,)]]
    assert await cursor.fetchone() is None
    await opened.close()


async def _insert_alone(database: Database, *numbers: int) -> None:
    async with database.transaction() as connection:
        for number in numbers:
            await insert(connection, number)


async def test_the_log_is_brought_home_although_commits_do_not_wait_for_it(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    database = Database(f"sqlite+aiosqlite:///{file}")
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)"))
    size, log = file.stat().st_size, file.with_name("a.db-wal")
    for start in range(0, 5 * CHANGES, 100):
        async with database.transaction() as connection:
            rows = [{"id": number, "text": "x" * 500} for number in range(start, start + 100)]
            await connection.execute(text("INSERT INTO t VALUES (:id, :text)"), rows)
    assert file.stat().st_size > size + 4 * CHANGES * 500
    assert log.stat().st_size < 2 * CHANGES * 1000
    await database.close()
