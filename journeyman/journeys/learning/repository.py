"""Every query of what is learnt from: messages, and when customers are there."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text

from journeyman.channels.tables import Message
from journeyman.customers.tables import Event
from journeyman.kit.lists import is_among

SEEN = ("page", "screen")
"""Types of events that only somebody who is there can cause; a `track` is one where a browser or an app sent it."""
HOUR = "%Y-%m-%d %H"


class Sent(NamedTuple):
    """A message that left, and when its customer opened and clicked it first."""

    channel: str
    at: datetime
    opened_at: datetime | None
    clicked_at: datetime | None


class HourOf(FunctionElement[str]):
    """The hour of an instant in UTC, as a text by which it sorts: `2026-03-02 12`."""

    type = Text()
    inherit_cache = True


@compiles(HourOf, "postgresql")
def _on_postgresql(element: HourOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


@compiles(HourOf, "sqlite")
def _on_sqlite(element: HourOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"substr({compiler.process(element.clauses, **options)}, 1, 13)"


_SENT = (
    select(Message.customer_id, Message.channel, Message.sent_at, Message.opened_at, Message.clicked_at)
    .where(
        is_among(Message.customer_id, "customer_ids"),
        Message.reserved_at >= bindparam("since"),
        Message.state == "sent",
        Message.sent_at <= bindparam("until"),
    )
    .order_by(Message.customer_id, Message.sent_at)
)
_THERE = (
    select(Event.customer_id, HourOf(Event.event_time))
    .where(
        is_among(Event.customer_id, "customer_ids"),
        Event.event_time >= bindparam("since"),
        Event.event_time <= bindparam("until"),
        or_(Event.type.in_(SEEN), and_(Event.type == "track", Event.anonymous_id.is_not(None))),
    )
    .distinct()
)
_COUNTS = select(func.count(), func.count(Message.clicked_at), func.count(distinct(Message.customer_id))).where(
    Message.reserved_at >= bindparam("since"), Message.state == "sent", Message.sent_at <= bindparam("until")
)


async def sent_to(
    connection: AsyncConnection, customer_ids: Collection[str], since: datetime, until: datetime
) -> dict[str, list[Sent]]:
    """What these customers were sent between two instants, oldest first."""
    found: dict[str, list[Sent]] = defaultdict(list)
    rows = await connection.execute(_SENT, {"customer_ids": list(customer_ids), "since": since, "until": until})
    for customer_id, channel, at, opened_at, clicked_at in rows:
        if at is not None:
            found[customer_id].append(Sent(channel, at, opened_at, clicked_at))
    return found


async def hours_there(
    connection: AsyncConnection, customer_ids: Collection[str], since: datetime, until: datetime
) -> dict[str, list[datetime]]:
    """The hours in which these customers were on the shop's pages or in its app, each once, however much they did."""
    given = {"customer_ids": list(customer_ids), "since": since, "until": until}
    found: dict[str, list[datetime]] = defaultdict(list)
    for customer_id, hour in await connection.execute(_THERE, given):
        found[customer_id].append(datetime.strptime(hour, HOUR).replace(tzinfo=UTC))
    return found


async def sent_in_all(connection: AsyncConnection, since: datetime, until: datetime) -> tuple[int, int, int]:
    """(messages that left between two instants, those that were clicked, the customers they went to)."""
    row = (await connection.execute(_COUNTS, {"since": since, "until": until})).one()
    return int(row[0]), int(row[1]), int(row[2])
