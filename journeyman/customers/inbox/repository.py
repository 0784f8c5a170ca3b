"""Queries on the inbox. Appending is the hottest path of all and is one statement on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.inbox.events import Incoming, slot_of
from journeyman.customers.tables import InboxEvent
from journeyman.kit.database import Database, to_json
from journeyman.kit.sessions import Sessions

# Numbered in the given order, but inserted in the order of the unique key: two clients that repeat each other's events
# would otherwise lock each other out.
_POSTGRES = """
WITH given AS MATERIALIZED (
  SELECT nextval('inbox_seq_seq'::regclass) AS seq, slot, subject, message_id, event_time, payload
  FROM unnest($1::smallint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
    AS sent (slot, subject, message_id, event_time, payload)
)
INSERT INTO inbox (seq, slot, subject, message_id, event_time, received_at, payload)
SELECT seq, slot, subject, message_id, event_time, $6, payload
FROM given ORDER BY message_id COLLATE "C", seq
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id
"""
_SQLITE = """
INSERT OR IGNORE INTO inbox (slot, subject, message_id, event_time, received_at, payload)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
       json_extract(value, '$[3]'), ?, json_extract(value, '$[4]')
FROM json_each(?)
RETURNING message_id
"""
FEW = 10_000
"""So many rows are counted in a millisecond."""


async def append(database: Database, events: Sequence[Incoming], received_at: datetime) -> list[str]:
    """Store what is new, in the given order; returns the message ids newly stored. Commits by itself."""
    if not events:
        return []
    if database.is_sqlite:
        async with database.transaction() as connection:
            return await append_in(connection, events, received_at)
    async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        return await append_in(connection, events, received_at)


async def append_over(sessions: Sessions, events: Sequence[Incoming], received_at: datetime) -> list[str]:
    """As `append`, on PostgreSQL, at half the cost: one statement without a transaction around it.

    Sent again after a lost connection it stores nothing twice; what the first sending stored is then not called new.
    """
    found = await sessions.fetch(_POSTGRES, *_columns(events, received_at))
    return _in_order(events, {row[0] for row in found})


async def append_in(connection: AsyncConnection, events: Sequence[Incoming], received_at: datetime) -> list[str]:
    """As `append`, within the caller's transaction."""
    if not events:
        return []
    if connection.dialect.name == "postgresql":
        found = await connection.exec_driver_sql(_POSTGRES, _columns(events, received_at))
    else:
        found = await connection.exec_driver_sql(_SQLITE, _rows(events, received_at))
    return _in_order(events, set(found.scalars()))


def _in_order(events: Sequence[Incoming], stored: set[str]) -> list[str]:
    return [message_id for message_id in dict.fromkeys(event.message_id for event in events) if message_id in stored]


def _columns(events: Sequence[Incoming], received_at: datetime) -> tuple[Any, ...]:
    return (
        [slot_of(event.subject) for event in events],
        [event.subject for event in events],
        [event.message_id for event in events],
        [event.event_time for event in events],
        [event.payload for event in events],
        received_at,
    )


def _rows(events: Sequence[Incoming], received_at: datetime) -> tuple[str, str]:
    rows = [
        (slot_of(event.subject), event.subject, event.message_id, _text(event.event_time), event.payload)
        for event in events
    ]
    return _text(received_at), to_json(rows)


def _text(instant: datetime) -> str:
    """As `journeyman.kit.database.Instant` keeps it on SQLite."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


async def depth(database: Database, limit: int) -> int:
    """How many events wait: at most that many, and exact where it is few or more than `limit` (then `limit` + 1)."""
    async with database.reading() as connection:
        span = (await connection.execute(select(func.max(InboxEvent.seq) - func.min(InboxEvent.seq) + 1))).scalar() or 0
        if FEW < span <= limit:
            return span
        rows = select(InboxEvent.seq).limit(limit + 1).subquery()
        return (await connection.execute(select(func.count()).select_from(rows))).scalar_one()
