"""Whether what a process stands on is there, and which errors mean that it is not."""

import asyncio

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from journeyman.kit.database import Database
from journeyman.kit.errors import DomainError

PATIENCE = 2.0
"""Seconds that the database has for an answer."""
_GONE = ("08", "57P", "53")
"""SQLSTATE classes of PostgreSQL: connection exception, operator intervention, insufficient resources."""
OUTAGES = (DBAPIError, PoolTimeoutError, ConnectionError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a database that is away may raise; `is_outage` tells whether it is."""


class NotReadyError(DomainError):
    """Something that this process stands on does not answer; the same call may work later."""

    code = "not_ready"


async def check(database: Database) -> None:
    """Raises `NotReadyError` where the database does not answer in time."""
    try:
        async with asyncio.timeout(PATIENCE), database.reading() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception as error:
        raise NotReadyError("The database does not answer.") from error


def is_outage(error: BaseException) -> bool:
    """Whether the error says that the database is away rather than that a statement is wrong."""
    if isinstance(error, DBAPIError):
        locked = "locked" in str(error.orig)  # SQLite, where another process has been writing for too long
        return error.connection_invalidated or locked or _state(error.orig).startswith(_GONE)
    if isinstance(error, asyncpg.PostgresError):
        return _state(error).startswith(_GONE)
    return isinstance(error, OUTAGES)


def _state(error: object) -> str:
    return str(getattr(error, "sqlstate", None) or "")
