"""The inbox on both databases."""

import asyncio
import json
from datetime import UTC, datetime

from sqlalchemy import select

from journeyman.customers.inbox.events import Incoming, slot_of
from journeyman.customers.inbox.repository import append, append_in, depth
from journeyman.customers.tables import InboxEvent
from journeyman.kit.database import Database

NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
EARLIER = datetime(2026, 11, 22, 8, 59, 59, 1, tzinfo=UTC)


def incoming(message_id: str, subject: str = "u:u1", text: str = "") -> Incoming:
    payload = json.dumps({"type": "track", "name": text}, ensure_ascii=False)
    return Incoming(subject=subject, message_id=message_id, event_time=EARLIER, payload=payload)


async def stored_ids(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list((await connection.execute(select(InboxEvent.message_id).order_by(InboxEvent.seq))).scalars())


async def test_what_is_stored_reads_back_exactly(database: Database) -> None:
    event = incoming("m1", "u:zażółć 'q\"", "\\ ✓ привет \U0001f600 \t")
    assert await append(database, [event], NOW) == ["m1"]
    async with database.reading() as connection:
        (row,) = (await connection.execute(select(InboxEvent.__table__))).all()
    assert (row.subject, row.message_id, row.payload) == (event.subject, event.message_id, event.payload)
    assert (row.event_time, row.received_at) == (EARLIER, NOW)
    assert row.slot == slot_of(event.subject)


async def test_order_is_kept_and_duplicates_are_stored_once(database: Database) -> None:
    batch = [incoming(f"m{number}") for number in (3, 1, 2, 1)]
    assert await append(database, batch, NOW) == ["m3", "m1", "m2"]
    assert await append(database, [incoming("m2"), incoming("m4")], NOW) == ["m4"]
    assert await append(database, [], NOW) == []
    assert await stored_ids(database) == ["m3", "m1", "m2", "m4"]


async def test_appending_in_a_transaction_goes_with_it(database: Database) -> None:
    async with database.transaction() as connection:
        assert await append_in(connection, [incoming("m1")], NOW) == ["m1"]
        await connection.rollback()
    assert await stored_ids(database) == []
    async with database.transaction() as connection:
        await append_in(connection, [incoming("m1")], NOW)
    assert await stored_ids(database) == ["m1"]


async def test_clients_that_repeat_each_other_in_another_order_lose_nothing(database: Database) -> None:
    events = [incoming(f"m{number:03}") for number in range(300)]
    orders = [events, events[::-1], events[150:] + events[:150], events[::2] + events[1::2]]
    stored = await asyncio.gather(*(append(database, order, NOW) for order in orders * 3))
    assert sorted(message_id for ids in stored for message_id in ids) == [event.message_id for event in events]


async def test_the_depth_is_counted_up_to_the_limit(database: Database) -> None:
    assert await depth(database, 10) == 0
    await append(database, [incoming(f"m{number}") for number in range(12)], NOW)
    assert await depth(database, 100) == 12
    assert await depth(database, 10) == 11


def test_a_slot_is_a_crc() -> None:
    assert slot_of("123456789") == 0xCBF43926 % 64, "the check value of CRC-32"
