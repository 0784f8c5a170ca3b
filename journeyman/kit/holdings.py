"""Tables whose rows belong to somebody: read page by page, and taken away in portions.

A domain names its own tables with what is to become of their rows; here is what reads and removes any of them.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, delete, inspect, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.kit.bulk import Row
from journeyman.kit.database import Base

Blanking = Callable[[Mapping[str, Any]], Row]
"""What a row's columns become: it is given the row, and returns those that change."""

PAGE = 500
"""Rows in memory at a time when somebody's are read."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The rows of one table that belong to somebody.

    `by` names the list that picks them (`customer`: ids of profiles, `subject`: as in the inbox), `owner` the column
    that it is compared with. They are read in the order of `order`. Rows are deleted, unless `blank` says what they
    become: then they stay, under a stand-in for the owner, and say nothing of her any more. Columns that are `hidden`
    are not read.
    """

    section: str
    entity: type[Base]
    order: tuple[str, ...]
    owner: str = "customer_id"
    by: str = "customer"
    blank: Blanking | None = None
    hidden: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        table = inspect(self.entity).local_table
        if not isinstance(table, Table):
            raise TypeError(f"{self.entity.__name__} is no table")
        return table

    @property
    def shown(self) -> list[Column[Any]]:
        return [column for column in self.table.columns if column.name not in self.hidden]

    @property
    def keys(self) -> list[str]:
        return [column.name for column in self.table.primary_key]


Owned = Mapping[str, Collection[str]]
"""The lists by which rows are picked, each by the name that `Holding.by` gives it."""


async def read(connection: AsyncConnection, holding: Holding, owned: Owned) -> AsyncIterator[Row]:
    """The rows in a stable order, a page of them in memory at a time."""
    for owner in sorted(owned[holding.by]):
        after: Sequence[Any] | None = None
        while True:
            page = await _page(connection, holding, owner, after)
            for row in page:
                yield row
            if len(page) < PAGE:
                break
            after = [page[-1][name] for name in holding.order]


async def _page(connection: AsyncConnection, holding: Holding, owner: str, after: Sequence[Any] | None) -> list[Row]:
    table = holding.table
    columns = [table.c[name] for name in holding.order]
    query = select(*holding.shown).where(table.c[holding.owner] == owner).order_by(*columns).limit(PAGE)
    if after is not None:
        place = [literal(value, column.type) for value, column in zip(after, columns, strict=True)]
        query = query.where(tuple_(*columns) > tuple_(*place))
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def take_away(connection: AsyncConnection, holding: Holding, owned: Owned, stand_in: str, limit: int) -> int:
    """Delete or blank some of the rows, `limit` at most; returns how many. None are left where it returns fewer."""
    mine = holding.table.c[holding.owner].in_(list(owned[holding.by]))
    if holding.blank is None:
        return await _delete(connection, holding, mine, limit)
    return await _blank(connection, holding, mine, stand_in, limit)


async def _delete(connection: AsyncConnection, holding: Holding, mine: ColumnElement[bool], limit: int) -> int:
    keys = [holding.table.c[name] for name in holding.keys]
    some = select(*keys).where(mine).limit(limit)
    these = tuple_(*keys).in_(some) if len(keys) > 1 else keys[0].in_(some)
    return (await connection.execute(delete(holding.table).where(these))).rowcount


async def _blank(
    connection: AsyncConnection, holding: Holding, mine: ColumnElement[bool], stand_in: str, limit: int
) -> int:
    table, blank = holding.table, holding.blank
    rows = (await connection.execute(select(table).where(mine).limit(limit))).mappings().all()
    if blank is None or not rows:
        return 0
    changed = [{**blank(dict(row)), holding.owner: stand_in} for row in rows]
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in changed[0]}
    these = [table.c[name] == bindparam(f"old_{name}", type_=table.c[name].type) for name in holding.keys]
    given = [
        {f"new_{name}": value for name, value in change.items()} | {f"old_{name}": row[name] for name in holding.keys}
        for row, change in zip(rows, changed, strict=True)
    ]
    await connection.execute(update(table).where(*these).values(values), given)
    return len(rows)


def plain(value: Any) -> Any:  # noqa: ANN401 - a column's value, and what JSON has for it
    """A value as JSON keeps it: an instant in RFC 3339."""
    return value.isoformat() if isinstance(value, datetime) else value
