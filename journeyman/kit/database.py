"""One way to the database, the same for SQLite and PostgreSQL.

A use case opens `transaction()` to write and `reading()` to read; it commits at the edge, once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import JSON, DateTime, Dialect, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from journeyman.kit.sqlite_driver import connect

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the product; constraints are named, so that migrations can speak of them."""

    metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """A point in time: `timestamptz` on PostgreSQL, UTC text that sorts on SQLite, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone, got {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and dialect.name == "sqlite":
            return value.replace(tzinfo=UTC)
        return value


JsonDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def to_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return orjson.dumps(value).decode()


def from_json(stored: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a document's column. A document that is one number comes as that number from SQLite.

    A column of a type that SQLite does not know takes on numbers where a text looks like one (datatype3.html, 3.1).
    """
    return stored if isinstance(stored, int | float) else orjson.loads(stored)


class Database:
    """An engine with the manners this product needs: short transactions, one writer at a time on SQLite."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = self._connect(url, pool_size)
        self._writer = asyncio.Lock()

    @staticmethod
    def _connect(url: str, pool_size: int) -> AsyncEngine:
        options: dict[str, Any] = {"json_serializer": to_json, "json_deserializer": from_json}
        if url.startswith("sqlite"):
            file = Path(url.split(":///", 1)[1]).absolute()
            file.parent.mkdir(parents=True, exist_ok=True)
            # Each connection has a cache of its own: the last one back is taken first, so that few of them fill.
            engine = create_async_engine(
                url, pool_size=pool_size, pool_use_lifo=True, async_creator=partial(connect, file), **options
            )
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
            return engine
        return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, **options)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction: committed when the block ends, rolled back when it raises."""
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                yield connection
            return
        # SQLite has one writer; waiting here is fair and wakes at once, waiting in SQLite polls.
        async with self._writer, self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction on one snapshot of the data as far as the database gives one."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction whose statements all see the data as it was at one instant."""
        async with self.engine.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    async def close(self) -> None:
        await self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
    # Autocommit in the driver: transactions are begun by `_begin_sqlite`, which knows whether they write.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "wal_autocheckpoint=0",  # the driver sees to it, where nobody waits
        "busy_timeout=30000",
        "foreign_keys=ON",
        "cache_size=-16384",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: upgrading later may fail with SQLITE_BUSY.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
