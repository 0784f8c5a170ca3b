"""Every query of attributes' definitions and of their history."""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.profile.definition import AttributeDefinition, AttributeType
from journeyman.customers.profile.tables import AttributeDefinition as Row
from journeyman.customers.tables import AttributeChange, Customer, Event
from journeyman.kit.bulk import insert_many
from journeyman.kit.lists import is_among

_TABLE = Row.__table__.c
_COLUMNS = [_TABLE[one.name] for one in fields(AttributeDefinition)]


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One change of one customer's attribute; `source` is the id of the message that brought it."""

    id: int
    attribute: str
    old: Any
    new: Any
    at: datetime
    source: str


async def types(connection: AsyncConnection) -> dict[str, tuple[AttributeType, bool]]:
    """Every attribute's type, and whether it was only inferred."""
    found = await connection.execute(select(Row.name, Row.type, Row.source))
    return {row.name: (row.type, row.source == "inferred") for row in found}


async def definitions(
    connection: AsyncConnection, after: str, limit: int, *, mismatched: bool = False
) -> list[AttributeDefinition]:
    """Attributes by name."""
    query = select(*_COLUMNS).where(Row.name > after).order_by(Row.name).limit(limit)
    if mismatched:
        query = query.where(Row.mismatches > 0)
    return [AttributeDefinition(*row) for row in await connection.execute(query)]


async def find(connection: AsyncConnection, name: str) -> AttributeDefinition | None:
    row = (await connection.execute(select(*_COLUMNS).where(Row.name == name))).one_or_none()
    return None if row is None else AttributeDefinition(*row)


async def save(connection: AsyncConnection, definition: AttributeDefinition) -> None:
    """Keep a definition in place of the one before."""
    row = asdict(definition)
    insert = insert_on_sqlite if connection.dialect.name == "sqlite" else insert_on_postgresql
    await connection.execute(insert(Row).values(row).on_conflict_do_update(index_elements=["name"], set_=row))


async def add(connection: AsyncConnection, new: Iterable[AttributeDefinition]) -> None:
    """Keep definitions, but for those that are there already."""
    await insert_many(connection, Row, [asdict(one) for one in new], ignore_conflicts=True)


async def widen(connection: AsyncConnection, names: Collection[str], now: datetime) -> None:
    """What was inferred to be an instant is text."""
    widened = update(Row).where(Row.name.in_(sorted(names)), Row.type == "instant", Row.source == "inferred")
    await connection.execute(widened.values(type="text", updated_at=now))


async def count_mismatch(
    connection: AsyncConnection, name: str, number: int, kind: AttributeType, now: datetime
) -> None:
    """So many values more of a type that is not the attribute's."""
    counted = update(Row).where(Row.name == name)
    await connection.execute(counted.values(mismatches=Row.mismatches + number, mismatched_as=kind, mismatched_at=now))


async def documents_of(connection: AsyncConnection, customer_id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A customer's attributes, and what her events come to; None where there is no such customer."""
    query = select(Customer.attributes, Customer.computed).where(Customer.id == customer_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (row.attributes, row.computed)


async def stream_events(
    connection: AsyncConnection, customer_ids: Collection[str]
) -> AsyncIterator[tuple[str, str, datetime, dict[str, Any], dict[str, Any]]]:
    """(customer, name, event time, properties, context) of every stored event of these, a few at a time in no order."""
    columns = (Event.customer_id, Event.name, Event.event_time, Event.properties, Event.context)
    query = select(*columns).where(is_among(Event.customer_id, "customer_ids"))
    found = await connection.stream(query, {"customer_ids": list(customer_ids)})
    async for customer_id, name, at, properties, context in found:
        yield customer_id, name, at, properties, context


async def changes(
    connection: AsyncConnection, customer_id: str, attribute: str | None, before: int | None, limit: int
) -> list[StoredChange]:
    """What changed of a customer's attributes, or of one of them, the newest first."""
    one = AttributeChange
    query = select(one.id, one.attribute, one.old, one.new, one.at, one.source).where(one.customer_id == customer_id)
    if attribute is not None:
        query = query.where(one.attribute == attribute)
    if before is not None:
        query = query.where(one.id < before)
    return [StoredChange(*row) for row in await connection.execute(query.order_by(one.id.desc()).limit(limit))]
