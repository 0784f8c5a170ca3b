"""Intake: one transaction, one owner, nothing lost, nobody held up."""

import gc
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from journeyman.customers import repository as customers
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.repository import append
from journeyman.customers.tables import Event, Identifier, InboxEvent, QuarantinedEvent
from journeyman.journeys.intake.batch import Batch
from journeyman.journeys.intake.intake import FencedError
from journeyman.kit.database import Base, Database
from tests.builders import NOON, Shop, incoming, journey


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


async def count(shop: Shop, table: type[Base]) -> int:
    async with shop.database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_an_event_is_decided_once_however_often_it_is_accepted(shop: Shop) -> None:
    event = incoming("Product Viewed", message_id="one")
    await shop.accept(event, event)
    await shop.accept(event)
    assert (await count(shop, Event), await count(shop, InboxEvent)) == (1, 0)


async def test_a_batch_that_is_decided_is_gone_without_a_look_for_garbage(shop: Shop) -> None:
    gc.collect()
    gc.disable()
    try:
        await shop.accept(incoming("Product Viewed"))
        assert not any(isinstance(found, Batch) for found in gc.get_objects())
    finally:
        gc.enable()


async def test_an_owner_that_was_replaced_can_commit_nothing(shop: Shop) -> None:
    old = await shop.intake.claim(0, 1, "old")
    new = await shop.intake.claim(0, 1, "new")
    await append(shop.database, [incoming("Product Viewed")], NOON)
    with pytest.raises(FencedError):
        await shop.intake.take(old, 10)
    assert await shop.intake.take(new, 10) == 1


async def test_partitions_share_the_inbox_without_overlap(shop: Shop) -> None:
    await append(shop.database, [incoming("Product Viewed", f"u{number}") for number in range(200)], NOON)
    taken = [await shop.intake.take(await shop.intake.claim(part, 4, "me"), 500) for part in range(4)]
    assert sum(taken) == 200
    assert all(share > 20 for share in taken)
    assert await count(shop, Event) == 200


async def test_an_event_that_cannot_be_worked_goes_to_quarantine_and_holds_up_nobody(shop: Shop) -> None:
    poison = Incoming("u:eve", "poison", NOON, '{"type": "track"}')
    await shop.accept(incoming("Product Viewed", "ann"), poison, incoming("Product Viewed", "bob"))
    assert (await count(shop, Event), await count(shop, InboxEvent)) == (2, 0)
    async with shop.database.reading() as connection:
        row = (await connection.execute(select(QuarantinedEvent.message_id, QuarantinedEvent.reason))).one()
    assert row.message_id == "poison"
    assert "name" in row.reason


async def rename(shop: Shop, table: str, name: str) -> None:
    async with shop.database.transaction() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


async def test_what_a_failing_transaction_began_leaves_no_trace(shop: Shop) -> None:
    """The database fails after the events were written and before the commit: all of it happens on the next try."""
    await shop.publish(journey())
    await append(shop.database, [incoming("Product Added")], NOON)
    await rename(shop, "outbox", "outbox_gone")
    with pytest.raises(DBAPIError):
        await shop.decide()
    await rename(shop, "outbox_gone", "outbox")
    assert (await count(shop, Event), await shop.runs(), await shop.outbox()) == (0, [], [])
    assert await count(shop, QuarantinedEvent) == 0, "it was not the event's fault"
    await shop.decide()
    assert (await count(shop, Event), len(await shop.runs()), len(await shop.outbox())) == (1, 1, 1)


async def test_identify_merges_profiles_with_all_that_is_theirs(shop: Shop) -> None:
    await shop.publish(journey())
    await shop.publish(journey("browse", entry={"on": "event", "event": "Product Viewed"}))
    await shop.accept(incoming("Identified", "ann", kind="identify", traits={"plan": "pro"}))
    await shop.accept(incoming("Product Viewed", None, anonymous="a1"), incoming("Product Added", None, anonymous="a1"))
    both = incoming("Identified", "ann", kind="identify", anonymous="a1", at=NOON + timedelta(minutes=1))
    await shop.accept(both)
    async with shop.database.reading() as connection:
        owners = set((await connection.execute(select(Event.customer_id))).scalars())
        names = set((await connection.execute(select(Identifier.customer_id))).scalars())
    assert (owners, names) == ({"ann"}, {"ann"})
    assert {run.customer_id for run in await shop.runs()} == {"ann"}


async def test_e1_of_two_live_runs_that_become_one_customers_the_older_stays(shop: Shop) -> None:
    await shop.publish(journey())
    await shop.accept(incoming("Product Added", "ann"))
    await shop.accept(incoming("Product Added", None, anonymous="a1", at=NOON + timedelta(minutes=1)))
    await shop.accept(incoming("Identified", "ann", kind="identify", anonymous="a1", at=NOON + timedelta(minutes=2)))
    assert [(run.customer_id, run.state, run.outcome) for run in await shop.runs()] == [
        ("ann", "live", None),
        ("ann", "ended", "merged"),
    ]


async def test_a_no_to_anything_survives_a_merge(shop: Shop) -> None:
    await shop.accept(incoming("Product Viewed", None, anonymous="a1"), incoming("Product Viewed", "ann"))
    await shop.consent("a1", email="no", sms="yes")
    await shop.consent("ann", email="yes")
    await shop.accept(incoming("Identified", "ann", kind="identify", anonymous="a1", at=NOON + timedelta(minutes=1)))
    async with shop.database.reading() as connection:
        assert await customers.consents(connection, ["ann"]) == {"ann": {"email": "no", "sms": "yes"}}


async def test_a_merge_and_what_follows_it_in_one_batch(shop: Shop) -> None:
    await shop.publish(journey(exit=[{"on": "event", "event": "Order Completed"}]))
    await shop.accept(
        incoming("Product Added", None, anonymous="a1"),
        incoming("Product Viewed", "ann"),
        incoming("Identified", "ann", kind="identify", anonymous="a1", at=NOON + timedelta(seconds=1)),
        incoming("Order Completed", "ann", at=NOON + timedelta(seconds=2)),
    )
    (run,) = await shop.runs()
    assert (run.customer_id, run.outcome) == ("ann", "exited")


@pytest.fixture
async def crowd(shop: Shop) -> Shop:
    await shop.publish(journey(exit=[{"on": "event", "event": "Order Completed"}]))
    return shop


async def test_a_large_batch_of_many_customers_is_decided_in_one_go(crowd: Shop) -> None:
    events = [incoming("Product Added", f"u{number}") for number in range(400)]
    events += [incoming("Order Completed", f"u{number}", at=NOON + timedelta(seconds=1)) for number in range(0, 400, 2)]
    await append(crowd.database, events, NOON)
    assert await crowd.decide(limit=1000) == 600
    outcomes = [run.outcome for run in await crowd.runs()]
    assert (outcomes.count("exited"), outcomes.count(None)) == (200, 200)
    assert len(await crowd.outbox()) == 200
