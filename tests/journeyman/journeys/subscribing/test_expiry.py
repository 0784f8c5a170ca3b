"""A yes that ends by itself is told to whoever waits for it, once (L1)."""

from datetime import timedelta

import pytest

from journeyman.journeys.erasing import Erasing
from journeyman.journeys.subscribing.expiry import Expiry
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from tests.builders import NOON, Shop, incoming, journey

LATER = {"wait_for": {"when": {"consent": "email", "is": "unknown"}, "timeout": "30d"}}
ENDS = NOON + timedelta(days=2)


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


async def tell(shop: Shop) -> int:
    told = await Expiry(shop.database, shop.clock).step()
    await shop.decide()
    return told


async def test_l1_a_waiting_run_sees_that_a_yes_has_ended(shop: Shop) -> None:
    await shop.publish(journey(steps=[{"id": "until-over", **LATER}]))
    for customer in ("ann", "bob"):
        await shop.introduce(customer)
        await shop.accept(incoming("Product Added", customer))
    await shop.consent("ann", ENDS, email="yes")
    await shop.decide()
    assert [run.released for run in await shop.runs()] == [None, None]
    shop.pass_time(days=2, microseconds=-1)
    assert await tell(shop) == 0
    shop.pass_time(microseconds=1)
    assert await tell(shop) == 1
    assert await tell(shop) == 0
    released = {run.customer_id: run.released and run.released["event"] for run in await shop.runs()}
    assert released == {"ann": "Consent Expired", "bob": None}


async def test_l1_a_journey_may_begin_with_the_end_of_a_yes(shop: Shop) -> None:
    ask_again = {"on": "event", "event": "Consent Expired", "where": {"property": "email", "equals": "expired"}}
    await shop.publish(journey(entry=ask_again))
    await shop.introduce("ann")
    await shop.consent("ann", ENDS, email="yes", news="yes")
    await shop.consent("ann", news="no")
    shop.pass_time(days=3)
    assert await tell(shop) == 1
    assert [run.customer_id for run in await shop.runs()] == ["ann"]


async def test_l1_who_agrees_again_is_told_of_again_when_that_ends(shop: Shop) -> None:
    await shop.introduce("ann")
    await shop.consent("ann", ENDS, email="yes")
    shop.pass_time(days=3)
    assert await tell(shop) == 1
    await shop.consent("ann", shop.clock.now() + timedelta(days=1), email="yes")
    assert await tell(shop) == 0
    shop.pass_time(days=1)
    assert await tell(shop) == 1


async def test_l1_of_who_is_gone_nothing_is_told(shop: Shop) -> None:
    await shop.introduce("ann")
    await shop.consent("ann", ENDS, email="yes")
    wake = wake_for(shop.database)
    await Erasing(shop.database, wake, shop.clock, b"key").request("ann", "test")
    await wake.close()
    shop.pass_time(days=3)
    assert await Expiry(shop.database, shop.clock).step() == 1
    assert await shop.decide() == 0
    assert await tell(shop) == 0
