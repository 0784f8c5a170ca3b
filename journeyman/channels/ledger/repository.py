"""Every query of the send ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger.messages import MOMENTS, Message
from journeyman.channels.tables import Message as MessageRow
from journeyman.kit.bulk import Row

COLUMNS = MessageRow.__table__.c


async def find(connection: AsyncConnection, message_id: str) -> Message | None:
    """The ledger's row of a message, locked."""
    query = select(MessageRow.__table__).where(COLUMNS.id == message_id).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return Message.of(row) if row is not None else None


async def save(connection: AsyncConnection, message: Message) -> None:
    """Write a message's row, new or known."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    values = message.to_row()
    statement = insert(MessageRow).values(values)
    changed = {name: statement.excluded[name] for name in values if name != "id"}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def of_customers(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, list[Message]]:
    """Every message of some customers, oldest first."""
    query = select(MessageRow.__table__).where(COLUMNS.customer_id.in_(customer_ids)).order_by(COLUMNS.reserved_at)
    found: dict[str, list[Message]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        found[row["customer_id"]].append(Message.of(row))
    return dict(found)


async def of_run(connection: AsyncConnection, run_id: str) -> list[Message]:
    query = select(MessageRow.__table__).where(COLUMNS.run_id == run_id).order_by(COLUMNS.reserved_at)
    return [Message.of(row) for row in (await connection.execute(query)).mappings()]


async def mark(connection: AsyncConnection, message_id: str, moment: str, at: datetime) -> None:
    """Write when a message was first delivered, opened, clicked, …; a later report changes nothing."""
    column = COLUMNS[MOMENTS[moment]]
    once = (COLUMNS.id == message_id, column.is_(None))
    await connection.execute(update(MessageRow).where(*once).values({column.name: at}))


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    await connection.execute(update(MessageRow).where(COLUMNS.customer_id == loser).values(customer_id=survivor))


async def counts(connection: AsyncConnection, journey_key: str, since: datetime, until: datetime) -> list[Row]:
    """Per step: how many messages were sent, delivered, opened, clicked, … in the period."""
    counted = {moment: func.count(COLUMNS[column]).label(moment) for moment, column in MOMENTS.items()}
    query = (
        select(COLUMNS.step, *counted.values())
        .where(COLUMNS.journey_key == journey_key, COLUMNS.reserved_at >= since, COLUMNS.reserved_at < until)
        .group_by(COLUMNS.step)
    )
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def in_flight(connection: AsyncConnection, before: datetime) -> int:
    """Messages handed over before an instant without an answer yet."""
    query = select(func.count()).where(COLUMNS.in_flight.is_(True), COLUMNS.reserved_at < before)
    return (await connection.execute(query)).scalar_one()


async def totals(connection: AsyncConnection) -> Mapping[str, Any]:
    """Rows by state, and how many are ambiguous."""
    by_state = (await connection.execute(select(COLUMNS.state, func.count()).group_by(COLUMNS.state)))
    ambiguous = select(func.count()).where(COLUMNS.ambiguous.is_(True))
    return {**dict(by_state.all()), "ambiguous": (await connection.execute(ambiguous)).scalar_one()}


async def abandon(connection: AsyncConnection, run_id: str) -> None:
    """The run is over: what was reserved for it and not sent will not be (W11)."""
    waiting = (COLUMNS.run_id == run_id, COLUMNS.state == "reserved", COLUMNS.in_flight.is_(False))
    await connection.execute(update(MessageRow).where(*waiting).values(state="refused", outcome="exited"))
