import asyncio

import asyncpg
import pytest

from journeyman.kit.database import Database
from journeyman.kit.sessions import Sessions
from tests.parts.postgres import PostgresServer

PID = "SELECT pg_backend_pid()"


async def test_connections_are_kept_bounded_and_replaced_when_lost(postgres: PostgresServer) -> None:
    database = Database(postgres.url())
    sessions = Sessions(database, most=2)
    pids = {rows[0][0] for rows in await asyncio.gather(*(sessions.fetch(PID) for _ in range(20)))}
    assert 1 <= len(pids) <= 2
    async with database.transaction() as connection:
        for pid in pids:
            await connection.exec_driver_sql("SELECT pg_terminate_backend($1, 5000)", (pid,))
    ((after,),) = await sessions.fetch(PID)
    assert after not in pids
    assert await sessions.fetch(PID) == [(after,)], "the new one is kept"
    await sessions.close()
    await database.close()


async def test_a_wrong_statement_is_sent_once(postgres: PostgresServer) -> None:
    database = Database(postgres.url())
    sessions = Sessions(database)
    await sessions.fetch(PID)
    with pytest.raises(asyncpg.UndefinedTableError):
        await sessions.fetch("SELECT * FROM nowhere")
    assert await sessions.fetch("SELECT $1::int + 1", 1) == [(2,)]
    await sessions.close()
    await database.close()
