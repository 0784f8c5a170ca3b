"""PostgreSQL connections beside the pool: for listening, and for the one statement that is run all day long."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from journeyman.kit.database import Database
from journeyman.kit.readiness import OUTAGES, is_outage


@contextlib.asynccontextmanager
async def session(database: Database) -> AsyncIterator[Any]:
    """A driver connection that is opened with the database's own settings, but taken out of its pool."""
    connection = await database.engine.connect()
    try:
        pooled = await connection.get_raw_connection()
        driver = pooled.driver_connection
        pooled.detach()
        yield driver
    finally:
        with contextlib.suppress(Exception):  # the server may have closed it already
            await connection.close()


@dataclass(slots=True)
class _Open:
    driver: Any
    closing: contextlib.AsyncExitStack


class Sessions:
    """At most `most` connections that stay open between statements.

    The pool asks each connection whether it still lives before each use; here a lost one is noticed by its failure, and
    the statement is sent again over another. It must therefore bear being sent twice.
    """

    def __init__(self, database: Database, most: int = 8) -> None:
        self._database = database
        self._room = asyncio.Semaphore(most)
        self._idle: list[_Open] = []

    async def fetch(self, statement: str, *values: object) -> list[Any]:
        """The statement's rows, committed. Raises the driver's own errors."""
        async with self._room:
            while self._idle:
                try:
                    return await self._fetch(self._idle.pop(), statement, values)
                except OUTAGES as error:
                    if not is_outage(error):
                        raise
            return await self._fetch(await self._open(), statement, values)

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().closing.aclose()

    async def _open(self) -> _Open:
        closing = contextlib.AsyncExitStack()
        return _Open(await closing.enter_async_context(session(self._database)), closing)

    async def _fetch(self, opened: _Open, statement: str, values: tuple[object, ...]) -> list[Any]:
        try:
            rows: list[Any] = await opened.driver.fetch(statement, *values)
        except BaseException:
            await opened.closing.aclose()
            raise
        self._idle.append(opened)
        return rows
