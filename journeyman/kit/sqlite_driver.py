"""SQLite for asyncio with as few changes of thread as safety allows.

aiosqlite hands each step of a statement (cursor, execute, fetch, close) to the connection's thread and waits for the
answer: four changes of thread for a statement that takes thirty microseconds. Here a statement with its rows is one.
Within a writing transaction it is none: the lock is held, nothing can be waited for, and the sooner the transaction is
over the better for every other writer. Neither is the commit, which in WAL mode with `synchronous=NORMAL` waits for no
disk (sqlite.org/pragma.html). What may take long stays in the thread: waiting for another process's lock, the
checkpoint that follows a commit now and then, and whatever is read outside a writing transaction.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

import aiosqlite

CHUNK = 64
"""Rows that are fetched at a time where a result is streamed."""
WRITES = "BEGIN IMMEDIATE"
"""What takes the write lock, and may wait for it."""
CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"
CHANGES = 1000
"""Rows that a connection may change before it brings what stands in the log home into the file."""
_PRIMARY = 0xFF
"""The part of an error code that says of which kind it is (sqlite.org/rescode.html)."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class QuickConnection(aiosqlite.Connection):
    """An aiosqlite connection that SQLAlchemy's dialect can use, with cursors of its own."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, CHUNK)
        # A process that ends does not wait for idle connections.
        self._thread.daemon = True
        self.is_writing = False
        self._is_in_doubt = False
        self._checked_at = 0

    def cursor(self) -> "QuickCursor":  # type: ignore[override]  # without a change of thread, so nothing to await
        return QuickCursor(self)

    async def run(self, work: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do `work` here and now in a writing transaction, else in the connection's thread."""
        if self.is_writing:
            return work(*args, **kwargs)
        return await self.in_thread(work, *args, **kwargs)

    async def in_thread(self, work: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        queue: Any = self._execute
        self._is_in_doubt = True
        try:
            done: _T = await queue(work, *args, **kwargs)
        except sqlite3.Error:
            self._is_in_doubt = False
            raise
        # Not reached by a caller who was cancelled: the thread may still be at it, and what follows has to queue up.
        self._is_in_doubt = False
        return done

    async def begin_writing(self, cursor: sqlite3.Cursor) -> None:
        """Take the write lock, here where it is free; another process's transaction is waited for in the thread."""
        if self._is_in_doubt or not _begins_at_once(cursor):
            await self.in_thread(cursor.execute, WRITES)
        self.is_writing = True

    async def commit(self) -> None:
        was_writing, self.is_writing = self.is_writing, False
        if self._is_in_doubt or not was_writing:
            if self._is_in_doubt or self._conn.in_transaction:
                await self.in_thread(self._conn.commit)
            return
        self._conn.commit()
        if self._conn.total_changes >= self._checked_at + CHANGES:
            self._checked_at = self._conn.total_changes
            await self.in_thread(self._checkpoint)

    def _checkpoint(self) -> None:
        self._conn.execute(CHECKPOINT).fetchall()

    async def rollback(self) -> None:
        self.is_writing = False
        if self._is_in_doubt or self._conn.in_transaction:
            await self.in_thread(self._conn.rollback)


def _begins_at_once(cursor: sqlite3.Cursor) -> bool:
    """Take the write lock if nobody holds it."""
    (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        cursor.execute(WRITES)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return True


class QuickCursor:
    """A cursor in the manner of aiosqlite's, which has its rows as soon as it has executed."""

    arraysize = 1

    def __init__(self, connection: QuickConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor = connection._conn.cursor()  # noqa: SLF001 - aiosqlite gives no other way
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:  # noqa: ANN401 - as sqlite3 declares it
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        if statement == WRITES:
            await self._connection.begin_writing(self._cursor)
        else:
            await self._connection.run(self._execute, statement, parameters)
        return self

    def _execute(self, statement: str, parameters: Sequence[Any]) -> None:
        self._cursor.execute(statement, parameters)
        self._rows = self._cursor.fetchall() if self._cursor.description else []

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        await self._connection.run(self._cursor.executemany, statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def fetchmany(self, size: int = CHUNK) -> list[Any]:
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchone(self) -> Any:  # noqa: ANN401 - a row
        return self._rows.pop(0) if self._rows else None

    async def close(self) -> None:
        self._cursor.close()


async def connect(file: Path) -> QuickConnection:
    """A connection to a database file. Used by the loop's thread and its own in turn, never by both at once."""
    connection = QuickConnection(lambda: sqlite3.connect(file, check_same_thread=False))
    await connection
    return connection
