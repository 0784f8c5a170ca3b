"""Every query of the send ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger.messages import MOMENTS, Message
from journeyman.channels.tables import Message as MessageRow
from journeyman.kit.lists import is_among

COLUMNS = MessageRow.__table__.c


SETTLED = (
    "state",
    "outcome",
    "detail",
    "provider_message_id",
    "provider",
    "parts",
    "ambiguous",
    "attempts",
    "in_flight",
    "sent_at",
    "counted_at",
)
"""What the end of a hand-over changes; what receipts write stands in other columns."""

# Made once: making a statement costs as much as running it.
_FIND = select(MessageRow.__table__).where(COLUMNS.id == bindparam("message_id")).with_for_update()
_OF_CUSTOMERS = (
    select(MessageRow.__table__).where(is_among(COLUMNS.customer_id, "customer_ids")).order_by(COLUMNS.reserved_at)
)
_WEIGHING = (
    select(MessageRow.__table__)
    .where(
        COLUMNS.customer_id == bindparam("customer_id"),
        or_(COLUMNS.counted_at >= bindparam("counted_since"), COLUMNS.state == "reserved"),
    )
    .order_by(COLUMNS.reserved_at, COLUMNS.id)
)
_ANSWERED = (
    select(
        COLUMNS.channel,
        func.sum(case((COLUMNS.sent_at <= bindparam("until"), 1), else_=0)),
        func.sum(case((and_(COLUMNS.sent_at <= bindparam("until"), COLUMNS.clicked_at.is_not(None)), 1), else_=0)),
        func.sum(case((COLUMNS.sent_at > bindparam("lately"), 1), else_=0)),
    )
    .where(
        COLUMNS.customer_id == bindparam("customer_id"),
        COLUMNS.reserved_at >= bindparam("since"),
        COLUMNS.state == "sent",
    )
    .group_by(COLUMNS.channel)
)
_SETTLE = (
    update(MessageRow)
    .where(COLUMNS.id == bindparam("message_id"))
    .values({name: bindparam(f"new_{name}", type_=COLUMNS[name].type) for name in SETTLED})
)
_ABANDON = (
    update(MessageRow)
    .where(COLUMNS.run_id == bindparam("of_run"), COLUMNS.state == "reserved", COLUMNS.in_flight.is_(False))
    .values(state="refused", outcome="exited", counted_at=None)
)


@cache
def _upsert(dialect: str) -> Any:  # noqa: ANN401 - each dialect has an Insert of its own
    statement = insert_sqlite(MessageRow) if dialect == "sqlite" else insert_postgresql(MessageRow)
    changed = {column.name: column for column in statement.excluded if column.name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed)


async def find(connection: AsyncConnection, message_id: str) -> Message | None:
    """The ledger's row of a message, locked."""
    row = (await connection.execute(_FIND, {"message_id": message_id})).mappings().one_or_none()
    return Message.of(row) if row is not None else None


async def read(connection: AsyncConnection, message_id: str) -> Message | None:
    """As `find`, without the lock."""
    query = select(MessageRow.__table__).where(COLUMNS.id == message_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return Message.of(row) if row is not None else None


async def by_provider(connection: AsyncConnection, provider: str, provider_message_id: str) -> Message | None:
    """The message that a provider knows by this id; the newest, should it ever have given one twice."""
    named = (COLUMNS.provider_message_id == provider_message_id, COLUMNS.provider == provider)
    # The index is for what is no mail, whose receipts name our own id.
    query = select(MessageRow.__table__).where(*named, COLUMNS.channel != "email").order_by(COLUMNS.reserved_at.desc())
    row = (await connection.execute(query.limit(1))).mappings().one_or_none()
    return Message.of(row) if row is not None else None


async def save(connection: AsyncConnection, message: Message) -> None:
    """Write a message's row, new or known."""
    await connection.execute(_upsert(connection.dialect.name), message.to_row())


async def settle(connection: AsyncConnection, message: Message) -> None:
    """Write what a hand-over has come to. A receipt that was quicker keeps what it wrote."""
    given = {f"new_{name}": getattr(message, name) for name in SETTLED}
    await connection.execute(_SETTLE, {"message_id": message.id, **given})


async def of_customers(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, list[Message]]:
    """Every message of some customers, oldest first."""
    found: dict[str, list[Message]] = defaultdict(list)
    for row in (await connection.execute(_OF_CUSTOMERS, {"customer_ids": customer_ids})).mappings():
        found[row["customer_id"]].append(Message.of(row))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a customer was sent on a channel and clicked, and how much of it was sent lately."""

    sent: int = 0
    clicked: int = 0
    lately: int = 0


async def weighing_on(connection: AsyncConnection, customer_id: str, since: datetime) -> list[Message]:
    """The customer's messages that took a place under a cap since an instant, and those that are still to go."""
    given = {"customer_id": customer_id, "counted_since": since}
    return [Message.of(row) for row in (await connection.execute(_WEIGHING, given)).mappings()]


async def answered(
    connection: AsyncConnection, customer_id: str, since: datetime, until: datetime, lately: datetime
) -> dict[str, Seen]:
    """By channel what a customer was sent and clicked between two instants, and how much was sent since `lately`."""
    given = {"customer_id": customer_id, "since": since, "until": until, "lately": lately}
    rows = await connection.execute(_ANSWERED, given)
    return {channel: Seen(int(sent or 0), int(clicked or 0), int(load or 0)) for channel, sent, clicked, load in rows}


async def of_run(connection: AsyncConnection, run_id: str) -> list[Message]:
    query = select(MessageRow.__table__).where(COLUMNS.run_id == run_id).order_by(COLUMNS.reserved_at)
    return [Message.of(row) for row in (await connection.execute(query)).mappings()]


async def among(connection: AsyncConnection, message_ids: Collection[str]) -> dict[str, Message]:
    """Messages by their id."""
    query = select(MessageRow.__table__).where(is_among(COLUMNS.id, "message_ids"))
    found = (await connection.execute(query, {"message_ids": message_ids})).mappings()
    return {row["id"]: Message.of(row) for row in found}


async def sent_steps(connection: AsyncConnection, run_ids: Collection[str]) -> dict[str, set[str]]:
    """By run, the steps whose message was sent, or may have been."""
    went = or_(COLUMNS.state == "sent", COLUMNS.ambiguous.is_(True))
    query = select(COLUMNS.run_id, COLUMNS.step).where(is_among(COLUMNS.run_id, "run_ids"), went)
    found: dict[str, set[str]] = defaultdict(set)
    for run_id, step in await connection.execute(query, {"run_ids": run_ids}):
        found[run_id].add(step)
    return dict(found)


async def mark(connection: AsyncConnection, message_id: str, moment: str, at: datetime) -> None:
    """Write when a message was first delivered, opened, clicked, …; a later report changes nothing."""
    column = COLUMNS[MOMENTS[moment]]
    once = (COLUMNS.id == message_id, column.is_(None))
    await connection.execute(update(MessageRow).where(*once).values({column.name: at}))


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    await connection.execute(update(MessageRow).where(COLUMNS.customer_id == loser).values(customer_id=survivor))


async def follow_split(connection: AsyncConnection, run_ids: Collection[str], customer_id: str) -> None:
    """The messages of these runs are another customer's."""
    theirs = is_among(COLUMNS.run_id, "run_ids")
    await connection.execute(update(MessageRow).where(theirs).values(customer_id=customer_id), {"run_ids": run_ids})


async def in_flight(connection: AsyncConnection, before: datetime) -> int:
    """Messages handed over before an instant without an answer yet."""
    query = select(func.count()).where(COLUMNS.in_flight.is_(True), COLUMNS.reserved_at < before)
    return (await connection.execute(query)).scalar_one()


async def totals(connection: AsyncConnection) -> Mapping[str, Any]:
    """Rows by state, and how many are ambiguous."""
    by_state = await connection.execute(select(COLUMNS.state, func.count()).group_by(COLUMNS.state))
    ambiguous = select(func.count()).where(COLUMNS.ambiguous.is_(True))
    return {**dict(by_state.all()), "ambiguous": (await connection.execute(ambiguous)).scalar_one()}


async def abandon(connection: AsyncConnection, run_id: str) -> None:
    """The run is over: what was reserved for it and not sent will not be (W11)."""
    await connection.execute(_ABANDON, {"of_run": run_id})
