"""Every query of the messages that wait for customers in the shop's app and on its pages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.in_app.messages import InAppMessage
from journeyman.channels.in_app.tables import InAppMessage as Row
from journeyman.kit.bulk import insert_many
from journeyman.kit.holdings import Holding

IN_APP_MESSAGES = Holding("in_app_messages", Row, ("sent_at", "id"))
_COLUMNS = (Row.id, Row.customer_id, Row.placement, Row.content, Row.sent_at, Row.expires_at, Row.read_at)


async def keep(connection: AsyncConnection, message: InAppMessage) -> None:
    """Have a message wait for its customer; told again it stays as it is."""
    row = {
        "id": message.id,
        "customer_id": message.customer_id,
        "placement": message.placement,
        "content": dict(message.content),
        "sent_at": message.sent_at,
        "expires_at": message.expires_at,
        "changed_at": message.sent_at,
    }
    await insert_many(connection, Row, [row], ignore_conflicts=True)


async def current(
    connection: AsyncConnection, customer_id: str, now: datetime, limit: int, before: tuple[datetime, str] | None = None
) -> list[InAppMessage]:
    """What she has and has not closed, the newest first."""
    query = select(*_COLUMNS).where(*_shown(customer_id, now)).order_by(Row.sent_at.desc(), Row.id.desc()).limit(limit)
    if before is not None:
        query = query.where(tuple_(Row.sent_at, Row.id) < tuple_(*before))
    return [InAppMessage(*row) for row in await connection.execute(query)]


async def unread(connection: AsyncConnection, customer_id: str, now: datetime) -> int:
    """How many of them she has not opened."""
    query = select(func.count(Row.id)).where(*_shown(customer_id, now), Row.read_at.is_(None))
    return (await connection.execute(query)).scalar_one()


async def is_hers(connection: AsyncConnection, message_id: str, customer_id: str) -> bool:
    """Whether there is such a message, and of this customer."""
    query = select(Row.id).where(Row.id == message_id, Row.customer_id == customer_id)
    return (await connection.execute(query)).first() is not None


async def read(connection: AsyncConnection, message_id: str, at: datetime) -> None:
    """It was opened; the first time counts."""
    mine = (Row.id == message_id, Row.read_at.is_(None))
    await connection.execute(update(Row).where(*mine).values(read_at=at, changed_at=at))


async def dismiss(connection: AsyncConnection, message_id: str, at: datetime) -> None:
    """It was closed, and is not shown again on any page or device."""
    mine = (Row.id == message_id, Row.dismissed_at.is_(None))
    await connection.execute(update(Row).where(*mine).values(dismissed_at=at, changed_at=at))


async def changed_since(connection: AsyncConnection, since: datetime) -> Sequence[tuple[str, datetime]]:
    """Whose messages have changed, each customer with the instant of the last change."""
    query = select(Row.customer_id, func.max(Row.changed_at)).where(Row.changed_at >= since).group_by(Row.customer_id)
    return [(customer_id, at) for customer_id, at in await connection.execute(query)]


async def newest_change(connection: AsyncConnection) -> datetime | None:
    return (await connection.execute(select(func.max(Row.changed_at)))).scalar_one()


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    await connection.execute(update(Row).where(Row.customer_id == loser).values(customer_id=survivor))


async def drop_expired(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Forget what nobody is shown any more; returns how many."""
    some = select(Row.id).where(Row.expires_at < before).limit(limit)
    return (await connection.execute(delete(Row).where(Row.id.in_(some)))).rowcount


def _shown(customer_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Row.customer_id == customer_id, Row.dismissed_at.is_(None), Row.expires_at > now)
