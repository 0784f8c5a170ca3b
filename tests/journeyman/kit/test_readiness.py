import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from journeyman.kit.database import Database
from journeyman.kit.readiness import OUTAGES, NotReadyError, check, is_outage
from tests.parts.postgres import PostgresServer, free_port

SUICIDE = "SELECT pg_terminate_backend(pg_backend_pid())"


async def test_a_database_that_answers_is_ready(database: Database) -> None:
    await check(database)


async def test_one_that_does_not_is_not() -> None:
    nobody = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/none")
    with pytest.raises(NotReadyError) as failed:
        await check(nobody)
    assert is_outage(failed.value.__cause__ or failed.value)
    await nobody.close()


async def test_a_lost_connection_is_an_outage_with_and_without_sqlalchemy(postgres: PostgresServer) -> None:
    database = Database(postgres.url())
    with pytest.raises(DBAPIError) as lost:
        async with database.reading() as connection:
            await connection.execute(text(SUICIDE))
    assert is_outage(lost.value)
    await database.close()
    driver = await asyncpg.connect(postgres.url().replace("+asyncpg", ""))
    with pytest.raises(OUTAGES) as cut:
        await driver.execute(SUICIDE)
    assert is_outage(cut.value)
    with pytest.raises(OUTAGES) as closed:
        await driver.execute("SELECT 1")
    assert is_outage(closed.value)


async def test_a_wrong_statement_is_none(database: Database) -> None:
    with pytest.raises(DBAPIError) as wrong:
        async with database.reading() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))
    assert not is_outage(wrong.value)
    assert not is_outage(ValueError())
