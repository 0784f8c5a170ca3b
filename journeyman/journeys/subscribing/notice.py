"""Making a change of consent known to the journeys, in the transaction that writes it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import preferences
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.repository import append_in
from journeyman.customers.preferences import Statement
from journeyman.journeys.direct import incoming
from journeyman.kit.ids import new_id

CHANGED = "Consent Updated"


async def record(
    connection: AsyncConnection, customer_id: str, updates: Sequence[ConsentUpdate], now: datetime
) -> list[ConsentUpdate]:
    """Write what a customer said, whose row is locked, and tell the journeys what changed."""
    changed = await record_all(connection, [(customer_id, update) for update in updates], now)
    return [update for _, update in changed]


async def record_all(connection: AsyncConnection, statements: Sequence[Statement], now: datetime) -> list[Statement]:
    """As `record`, for many customers; whatever waits for a change in a journey is woken by one event a customer."""
    changed = await preferences.record_all(connection, statements, now)
    said: dict[str, dict[str, str]] = {}
    for customer_id, update in changed:
        said.setdefault(customer_id, {})[update.subject] = update.status
    events = [
        incoming(customer_id, new_id("consent"), "consent", CHANGED, now, dict(subjects))
        for customer_id, subjects in said.items()
    ]
    await append_in(connection, events, now)
    return changed
