"""Every query of interests."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from journeyman.catalog.amounts import to_units
from journeyman.catalog.interests.interests import Interest, InterestKind, Seen, fold, ticks_of
from journeyman.catalog.interests.statements import ADD_ON_POSTGRESQL, ADD_ON_SQLITE, COLUMNS
from journeyman.catalog.tables import Interest as InterestRow
from journeyman.catalog.tables import Product, ProductCategory
from journeyman.kit.lists import is_among


async def add_interests(connection: AsyncConnection, rows: Iterable[tuple[str, Interest]]) -> None:
    """Add (customer id, interest) pairs to what is known, in any order. The given interests may be changed."""
    folded = sorted(fold(rows).items())
    if not folded:
        return
    if connection.dialect.name == "sqlite":
        values = [dict(zip(COLUMNS, _values(customer_id, one), strict=True)) for (customer_id, _, _), one in folded]
        await connection.execute(ADD_ON_SQLITE, values)
        return
    columns = zip(*(_values(customer_id, one) for (customer_id, _, _), one in folded), strict=True)
    arrays = {name: list(column) for name, column in zip(COLUMNS, columns, strict=True)}
    arrays["recent"] = [f"{{{text[1:-1]}}}" for text in arrays["recent"]]
    await connection.execute(ADD_ON_POSTGRESQL, arrays)


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """The interests of one customer become another's, added to those she has."""
    query = _INTERESTS.where(InterestRow.customer_id == loser)
    theirs = [_interest(row) for row in (await connection.execute(query)).mappings()]
    await clear_interests(connection, [loser])
    await add_interests(connection, [(survivor, one) for one in theirs])


async def clear_interests(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """Forget these customers' interests: to erase them, or before they are added anew from the events."""
    await connection.execute(_CLEAR, {"customer_ids": customer_ids})


# Reading --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interested:
    """A customer with her interest in a product."""

    customer_id: str
    interest: Interest


@dataclass(frozen=True, slots=True)
class Known:
    """An interest with the product's name, where the catalogue has one."""

    interest: Interest
    product_name: str | None


async def interests_in(
    connection: AsyncConnection,
    product_id: str,
    kind: InterestKind,
    since: datetime,
    at_least: int = 1,
    *,
    not_bought: bool = True,
    after: str | None = None,
    limit: int | None = None,
) -> list[Interested]:
    """Who took this interest in the product at least so many times since then, by customer id from behind `after`.

    `not_bought` leaves out those who bought it since they did so last. `at_least` is 1 to `RECENT`.
    """
    earliest = ticks_of(since)
    query = _INTERESTS.where(
        InterestRow.product_id == product_id,
        InterestRow.kind == kind,
        InterestRow.last_at >= since,
        _recent(connection, InterestRow, at_least) >= earliest,
    )
    if not_bought:
        query = query.where(~_bought_since(connection))
    if after is not None:
        query = query.where(InterestRow.customer_id > after)
    rows = (await connection.execute(query.order_by(InterestRow.customer_id).limit(limit))).mappings()
    return [Interested(row["customer_id"], _interest(row)) for row in rows]


async def interested_in_any(
    connection: AsyncConnection, product_ids: Collection[str], kinds: Collection[InterestKind], since: datetime
) -> int:
    """How many customers took one of these interests in any of the products since then."""
    query = select(func.count(InterestRow.customer_id.distinct())).where(*_in_some(kinds, since))
    return (await connection.execute(query, {"product_ids": list(product_ids)})).scalar_one()


async def next_interested(
    connection: AsyncConnection,
    product_ids: Collection[str],
    kinds: Collection[InterestKind],
    since: datetime,
    after: str,
    limit: int,
) -> list[str]:
    """The next of these customers by id from behind `after`."""
    query = select(InterestRow.customer_id).where(*_in_some(kinds, since), InterestRow.customer_id > after).distinct()
    rows = await connection.execute(
        query.order_by(InterestRow.customer_id).limit(limit), {"product_ids": list(product_ids)}
    )
    return list(rows.scalars())


def _in_some(kinds: Collection[InterestKind], since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        is_among(InterestRow.product_id, "product_ids"),
        InterestRow.kind.in_(kinds),
        InterestRow.last_at >= since,
    )


async def interests_among(connection: AsyncConnection, customer_ids: Collection[str]) -> list[tuple[str, Interest]]:
    """(customer id, interest) of everything these customers take an interest in."""
    query = _INTERESTS.where(is_among(InterestRow.customer_id, "customer_ids"))
    rows = (await connection.execute(query, {"customer_ids": list(customer_ids)})).mappings()
    return [(row["customer_id"], _interest(row)) for row in rows]


async def interests_in_any(
    connection: AsyncConnection, customer_ids: Collection[str], product_ids: Collection[str], paths: Collection[str]
) -> list[tuple[str, Interest]]:
    """(customer id, interest) of what these customers think of the products, and of those of the categories."""
    given = {"customer_ids": list(customer_ids), "product_ids": list(product_ids), "paths": list(paths)}
    rows = (await connection.execute(_IN_ANY, given)).mappings()
    return [(row["customer_id"], _interest(row)) for row in rows]


async def shelves(
    connection: AsyncConnection, paths: Collection[str], product_ids: Collection[str]
) -> dict[str, set[str]]:
    """Product → those of these categories in which it is, or which lie above."""
    found: dict[str, set[str]] = {}
    given = {"paths": list(paths), "product_ids": list(product_ids)}
    for product_id, path in await connection.execute(_SHELVES, given):
        found.setdefault(product_id, set()).add(path)
    return found


async def interests_of_customer(
    connection: AsyncConnection, customer_id: str, after: tuple[datetime, str, str] | None, limit: int
) -> list[Known]:
    """A customer's interests, the latest first, from behind (last_at, product, kind)."""
    place = tuple_(InterestRow.last_at, InterestRow.product_id, InterestRow.kind)
    query = select(*_INTERESTS.selected_columns, Product.name).outerjoin(Product, Product.id == InterestRow.product_id)
    query = query.where(InterestRow.customer_id == customer_id)
    if after is not None:
        query = query.where(place < after)
    query = query.order_by(InterestRow.last_at.desc(), InterestRow.product_id.desc(), InterestRow.kind.desc())
    rows = (await connection.execute(query.limit(limit))).mappings()
    return [Known(_interest(row), row["name"]) for row in rows]


async def seen_prices(
    connection: AsyncConnection, product_id: str, customer_ids: Collection[str]
) -> Mapping[str, Seen]:
    """The price of the product that each of these customers saw last, whatever she did then."""
    found: dict[str, Seen] = {}
    given = {"product_id": product_id, "customer_ids": customer_ids}
    for row in (await connection.execute(_SEEN, given)).mappings():
        seen = _seen(row)
        if seen is not None:
            found[row["customer_id"]] = max(seen, found.get(row["customer_id"], seen))
    return found


def _values(customer_id: str, one: Interest) -> tuple[Any, ...]:
    at, seq, units, currency = one.seen or (None, None, None, None)
    return (
        customer_id,
        one.product_id,
        one.kind,
        one.count,
        one.quantity,
        one.first_at,
        one.last_at,
        f"[{','.join(map(str, one.recent))}]",
        units,
        currency or None,
        at,
        seq,
    )


_INTERESTS: Select[Any] = select(*InterestRow.__table__.columns)
_CLEAR = delete(InterestRow).where(is_among(InterestRow.customer_id, "customer_ids"))
_IN_ANY = _INTERESTS.where(
    is_among(InterestRow.customer_id, "customer_ids"),
    or_(
        is_among(InterestRow.product_id, "product_ids"),
        InterestRow.product_id.in_(select(ProductCategory.product_id).where(is_among(ProductCategory.path, "paths"))),
    ),
)
_SHELVES = select(ProductCategory.product_id, ProductCategory.path).where(
    is_among(ProductCategory.path, "paths"), is_among(ProductCategory.product_id, "product_ids")
)
_SEEN = _INTERESTS.where(
    InterestRow.product_id == bindparam("product_id", type_=Text), is_among(InterestRow.customer_id, "customer_ids")
)


def _interest(row: RowMapping) -> Interest:
    recent: Sequence[int] = orjson.loads(row["recent"]) if isinstance(row["recent"], str) else row["recent"]
    plain = {name: row[name] for name in ("product_id", "kind", "count", "quantity", "first_at", "last_at")}
    return Interest(**plain, recent=tuple(recent), seen=_seen(row))


def _seen(row: RowMapping) -> Seen | None:
    if row["last_price"] is None:
        return None
    return Seen(row["last_price_at"], row["last_price_seq"], to_units(row["last_price"]), row["currency"] or "")


def _recent(connection: AsyncConnection, table: Any, place: int) -> ColumnElement[int]:  # noqa: ANN401 - an alias too
    """The newest instant but `place` - 1; null where there are fewer."""
    if connection.dialect.name == "sqlite":
        return cast(func.json_extract(table.recent, f"$[{place - 1}]"), BigInteger)
    return cast(table.recent[place], BigInteger)


def _bought_since(connection: AsyncConnection) -> ColumnElement[bool]:
    bought = aliased(InterestRow)
    return exists().where(
        bought.customer_id == InterestRow.customer_id,
        bought.product_id == InterestRow.product_id,
        bought.kind == "bought",
        _recent(connection, bought, 1) >= _recent(connection, InterestRow, 1),
    )
