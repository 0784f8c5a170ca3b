"""Whose an event is that came in before."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.tables import Event, InboxEvent


async def subject_of_event(connection: AsyncConnection, message_id: str) -> str | None:
    """The subject of an event, decided or still waiting; None where there is no such event."""
    decided = select(Event.customer_id).where(Event.message_id == message_id)
    customer_id = (await connection.execute(decided)).scalar_one_or_none()
    if customer_id is not None:
        return f"c:{customer_id}"
    waiting = select(InboxEvent.subject).where(InboxEvent.message_id == message_id)
    return (await connection.execute(waiting)).scalar_one_or_none()
