"""Many rows in one statement: what keeps a batch at a handful of statements, on both databases."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Delete,
    Float,
    Insert,
    Integer,
    SmallInteger,
    String,
    Table,
    Update,
    bindparam,
    inspect,
)
from sqlalchemy import delete as delete_from
from sqlalchemy import insert as insert_into
from sqlalchemy import update as update_of
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.kit.database import Base, Instant, to_json

Row = dict[str, Any]


async def insert_many(
    connection: AsyncConnection, entity: type[Base], rows: Sequence[Row], *, ignore_conflicts: bool = False
) -> None:
    """Insert rows that all have the same columns. A row that is there already is an error, or ignored."""
    if not rows:
        return
    table = _table(entity)
    if connection.dialect.name == "sqlite":
        await connection.execute(_insert_on_sqlite(table, ignore_conflicts), list(rows))
        return
    names = list(rows[0])
    if not ignore_conflicts:
        await _copy(connection, table, names, rows)
        return
    tail = " ON CONFLICT DO NOTHING"
    await _run(
        connection,
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {_selected(table, names)} "  # noqa: S608 - own names
        f"FROM unnest({_arrays(table, names)}) AS given({', '.join(names)}){tail}",
        table,
        names,
        rows,
    )


async def update_many(connection: AsyncConnection, entity: type[Base], key: str, rows: Sequence[Row]) -> None:
    """Set the other columns of the rows whose column `key` has the given value."""
    if not rows:
        return
    table = _table(entity)
    names = list(rows[0])
    changed = [name for name in names if name != key]
    if connection.dialect.name == "sqlite":
        statement = _update_on_sqlite(table, key, tuple(changed))
        await connection.execute(statement, [{f"b_{name}": row[name] for name in names} for row in rows])
        return
    sets = ", ".join(f"{name} = given.{name}{_cast(table.c[name])}" for name in changed)
    await _run(
        connection,
        f"UPDATE {table.name} SET {sets} FROM unnest({_arrays(table, names)}) "  # noqa: S608 - own names
        f"AS given({', '.join(names)}) WHERE {table.name}.{key} = given.{key}",
        table,
        names,
        rows,
    )


async def delete_many(connection: AsyncConnection, entity: type[Base], rows: Sequence[Row]) -> None:
    """Delete the rows that have one of these combinations of values."""
    if not rows:
        return
    table = _table(entity)
    names = list(rows[0])
    if connection.dialect.name == "sqlite":
        await connection.execute(_delete_on_sqlite(table, tuple(names)), list(rows))
        return
    same = " AND ".join(f"{table.name}.{name} = given.{name}" for name in names)
    await _run(
        connection,
        f"DELETE FROM {table.name} USING unnest({_arrays(table, names)}) AS given({', '.join(names)}) WHERE {same}",  # noqa: S608 - own names
        table,
        names,
        rows,
    )


# Made once for each table and choice of columns: making a statement costs as much as running it.


@cache
def _insert_on_sqlite(table: Table, ignore_conflicts: bool) -> Insert:
    return insert_into_sqlite(table).on_conflict_do_nothing() if ignore_conflicts else insert_into(table)


@cache
def _update_on_sqlite(table: Table, key: str, changed: tuple[str, ...]) -> Update:
    statement = update_of(table).where(table.c[key] == bindparam(f"b_{key}"))
    return statement.values({name: bindparam(f"b_{name}") for name in changed})


@cache
def _delete_on_sqlite(table: Table, names: tuple[str, ...]) -> Delete:
    return delete_from(table).where(*(table.c[name] == bindparam(name) for name in names))


def _table(entity: type[Base]) -> Table:
    table = inspect(entity).local_table
    if not isinstance(table, Table):
        raise TypeError(f"{entity.__name__} is no table")
    return table


async def _copy(connection: AsyncConnection, table: Table, names: list[str], rows: Sequence[Row]) -> None:
    """COPY in its binary form, which costs both sides the least (PostgreSQL's manual, 14.4)."""
    columns = [_column(table.c[name], [row[name] for row in rows]) for name in names]
    statement = f"COPY {table.name}"
    with _translated(statement):
        driver = await _driver(connection)
        await driver.copy_records_to_table(table.name, records=zip(*columns, strict=True), columns=names)


async def _run(
    connection: AsyncConnection, statement: str, table: Table, names: list[str], rows: Sequence[Row]
) -> None:
    """One statement with an array per column, through the driver: SQLAlchemy would send the rows one by one.

    The transaction has to be open already, which any statement before this one has seen to.
    """
    columns = [_column(table.c[name], [row[name] for row in rows]) for name in names]
    with _translated(statement):
        await (await _driver(connection)).execute(statement, *columns)


async def _driver(connection: AsyncConnection) -> Any:  # noqa: ANN401 - asyncpg's connection behind its pool
    raw = await connection.get_raw_connection()
    return raw.driver_connection


@contextmanager
def _translated(statement: str) -> Iterator[None]:
    """The driver's errors as SQLAlchemy's own."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(statement, None, error) from error
    except asyncpg.DataError as error:
        raise DataError(statement, None, error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise OperationalError(statement, None, error) from error


def _column(column: Column[Any], values: list[Any]) -> list[Any]:
    if _is_json(column):
        return [None if value is None else to_json(value) for value in values]
    return values


def _is_json(column: Column[Any]) -> bool:
    return column.type.__visit_name__ in {"JSON", "JSONB"}


def _cast(column: Column[Any]) -> str:
    return "::jsonb" if _is_json(column) else ""


def _selected(table: Table, names: list[str]) -> str:
    return ", ".join(f"given.{name}{_cast(table.c[name])}" for name in names)


def _arrays(table: Table, names: list[str]) -> str:
    return ", ".join(f"${place}::{_array_type(table.c[name])}[]" for place, name in enumerate(names, start=1))


def _array_type(column: Column[Any]) -> str:
    kinds: list[tuple[type[Any], str]] = [
        (SmallInteger, "smallint"),
        (BigInteger, "bigint"),
        (Integer, "integer"),
        (Boolean, "boolean"),
        (Float, "float8"),
        (Instant, "timestamptz"),
        (String, "text"),
    ]
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "text")
