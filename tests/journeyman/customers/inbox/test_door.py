import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete

from journeyman.customers.inbox.door import COUNT_EVERY, Inbox
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.repository import depth
from journeyman.customers.tables import InboxEvent
from journeyman.kit.database import Database
from journeyman.kit.errors import OverloadedError
from journeyman.kit.wake import Wake, wake_for

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def incoming(*numbers: int) -> list[Incoming]:
    return [Incoming("u:u1", f"m{number}", NOW, "{}") for number in numbers]


@pytest.fixture
async def inbox(database: Database, wake: Wake) -> AsyncIterator[Inbox]:
    made = Inbox(database, wake, limit=10)
    yield made
    await made.close()


@pytest.fixture
async def wake(database: Database) -> AsyncIterator[Wake]:
    made = wake_for(database)
    await made.start()
    yield made
    await made.close()


async def test_what_comes_in_wakes_intake(inbox: Inbox, wake: Wake) -> None:
    assert not await wake.wait(0)
    assert await inbox.accept(incoming(1, 2, 1), NOW) == ["m1", "m2"]
    assert await wake.wait(5)
    assert await inbox.accept([], NOW) == []


async def test_a_full_inbox_stores_nothing_until_intake_has_caught_up(database: Database, wake: Wake) -> None:
    seconds = 0.0
    inbox = Inbox(database, wake, limit=3, monotonic=lambda: seconds)
    await inbox.accept(incoming(1, 2, 3), NOW)
    await inbox.accept(incoming(4), NOW)
    with pytest.raises(OverloadedError) as refused:
        await inbox.accept(incoming(5), NOW)
    assert refused.value.retry_after >= 1
    assert await depth(database, 100) == 4
    async with database.transaction() as connection:
        await connection.execute(delete(InboxEvent))
    with pytest.raises(OverloadedError):
        await inbox.accept(incoming(5), NOW)
    seconds = COUNT_EVERY
    assert await inbox.accept(incoming(5), NOW) == ["m5"]
    await inbox.close()


async def test_clients_that_repeat_each_other_in_another_order_lose_nothing(database: Database, wake: Wake) -> None:
    events = incoming(*range(300))
    inbox = Inbox(database, wake, limit=len(events))  # whoever counts while others write must not be refused
    orders = [events, events[::-1], events[150:] + events[:150], events[::2] + events[1::2]]
    stored = await asyncio.gather(*(inbox.accept(order, NOW) for order in orders))
    assert sorted(message_id for ids in stored for message_id in ids) == sorted(event.message_id for event in events)
    await inbox.close()
