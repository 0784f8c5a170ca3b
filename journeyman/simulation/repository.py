"""What a simulation asks of its database beside what the product asks, and a backtest of the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring.tables import ScoreRank
from journeyman.customers.tables import AttributeChange, Consent, ConsentChange, Customer, Event, InboxEvent
from journeyman.journeys.dates.tables import DueDate

_DUES = select(
    select(func.min(Customer.recheck_at)).scalar_subquery(),
    select(func.min(Consent.expires_at)).where(Consent.end_told.is_(False)).scalar_subquery(),
    select(func.min(ScoreRank.next_at)).scalar_subquery(),
    select(func.min(DueDate.due_at)).scalar_subquery(),
)
_ACCEPTED = select(exists(select(InboxEvent.seq)))


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the passing of time alone next moves somebody who is not in a run: by a segment, a yes, a score, a date."""
    return min((due for due in (await connection.execute(_DUES)).one() if due is not None), default=None)


async def any_accepted(connection: AsyncConnection) -> bool:
    """Whether an event waits for intake."""
    return bool((await connection.execute(_ACCEPTED)).scalar_one())


class Happened(NamedTuple):
    """A stored event."""

    customer: str
    type: str
    name: str
    at: datetime
    properties: dict[str, Any]


class Said(NamedTuple):
    """What a customer said of a channel or topic."""

    customer: str
    subject: str
    status: str
    at: datetime


HER_OWN = ("track", "identify", "page", "screen")
"""The types of events that customers bring about; what the product tells comes again by itself."""


async def candidates(
    connection: AsyncConnection, names: Sequence[str], since: datetime, limit: int
) -> tuple[list[str], int]:
    """The first customers by id with an event of one of these names since then, or any at all, and how many there are.

    Ids tell nothing of their customers, so that the first are as good a sample as any.
    """
    if names:
        mine = select(Event.customer_id.label("id")).where(Event.name.in_(names), Event.event_time >= since).distinct()
    else:
        mine = select(Customer.id).where(Customer.merged_into.is_(None))
    chosen = mine.subquery()
    total = (await connection.execute(select(func.count()).select_from(chosen))).scalar_one()
    found = await connection.execute(select(chosen.c.id).order_by(chosen.c.id).limit(limit))
    return list(found.scalars()), total


async def profiles(connection: AsyncConnection, customer_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The attributes as they are now."""
    query = select(Customer.id, Customer.attributes).where(Customer.id.in_(customer_ids))
    return {row.id: row.attributes for row in await connection.execute(query)}


async def changes_since(
    connection: AsyncConnection, customer_ids: Sequence[str], since: datetime
) -> list[tuple[str, str, Any]]:
    """(customer, attribute, the value before) of every change since then, the newest first."""
    columns = (AttributeChange.customer_id, AttributeChange.attribute, AttributeChange.old)
    query = select(*columns).where(AttributeChange.customer_id.in_(customer_ids), AttributeChange.at >= since)
    rows = await connection.execute(query.order_by(AttributeChange.at.desc(), AttributeChange.id.desc()))
    return [(customer_id, attribute, old) for customer_id, attribute, old in rows.all()]


async def happened(connection: AsyncConnection, customer_ids: Sequence[str]) -> list[Happened]:
    """Everything that these customers did, in order."""
    columns = (Event.customer_id, Event.type, Event.name, Event.event_time, Event.properties)
    query = select(*columns).where(Event.customer_id.in_(customer_ids), Event.type.in_(HER_OWN))
    return [Happened(*row) for row in await connection.execute(query.order_by(Event.event_time, Event.seq))]


async def said(connection: AsyncConnection, customer_ids: Sequence[str]) -> list[Said]:
    """Everything that these customers said of channels and topics, in order."""
    columns = (ConsentChange.customer_id, ConsentChange.subject, ConsentChange.status, ConsentChange.at)
    query = select(*columns).where(ConsentChange.customer_id.in_(customer_ids))
    return [Said(*row) for row in await connection.execute(query.order_by(ConsentChange.at, ConsentChange.id))]
