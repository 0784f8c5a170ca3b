"""W1-W4, W9-W12, E5 and C1-C3 as intake decides them: events against runs that are there."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming, journey

ORDER = {"on": "event", "event": "Order Completed"}
SAME_CART = {**ORDER, "where": {"property": "cart_id", "equals": {"entry": "cart_id"}}}


def at(**span: float) -> Any:
    return NOON + timedelta(**span)


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def waiting_for(*branches: dict[str, Any], **parts: Any) -> dict[str, Any]:
    steps = [{"id": "wait", "wait_for": {"branches": list(branches), "timeout": "7d", **parts}}]
    return journey(steps=[*steps, {"id": "after", "wait": {"for": "1d"}}])


async def released(shop: Shop) -> Any:
    (run,) = await shop.runs()
    return run.released


async def test_w9_an_exit_rule_ends_a_wait_at_once(shop: Shop) -> None:
    await shop.publish(journey(exit=[ORDER]))
    await shop.accept(incoming("Product Added"))
    shop.pass_time(minutes=1)
    await shop.accept(incoming("Order Completed", at=shop.clock.now()))
    (run,) = await shop.runs()
    assert (run.state, run.outcome, run.ended_at) == ("ended", "exited", shop.clock.now())
    kind, payload = (await shop.outbox())[-1]
    assert (kind, payload["outcome"]) == ("signal", "exited")


async def test_w10_an_exit_compares_the_event_with_the_runs_entry(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "correlate": "cart_id"}
    await shop.publish(journey(entry=entry, exit=[SAME_CART]))
    await shop.accept(incoming("Product Added", cart_id="c1"), incoming("Product Added", cart_id="c2"))
    await shop.accept(incoming("Order Completed", at=at(minutes=5), cart_id="c2"))
    assert {run.correlation: run.state for run in await shop.runs()} == {"c1": "live", "c2": "ended"}


async def test_w2_an_order_in_the_same_batch_as_the_cart_ends_the_run_before_it_began(shop: Shop) -> None:
    await shop.publish(journey(exit=[SAME_CART]))
    await shop.accept(incoming("Product Added", cart_id="c"), incoming("Order Completed", cart_id="c"))
    (run,) = await shop.runs()
    assert (run.outcome, await shop.outbox()) == ("exited", [])


async def test_w2_an_order_from_before_the_cart_ends_nothing_however_late_it_comes(shop: Shop) -> None:
    await shop.publish(journey(exit=[SAME_CART]))
    await shop.accept(incoming("Product Added", cart_id="c"))
    await shop.accept(incoming("Order Completed", at=at(seconds=-1), cart_id="c"))
    (run,) = await shop.runs()
    assert run.state == "live"


async def test_w2_events_of_one_batch_are_worked_in_the_order_of_their_times(shop: Shop) -> None:
    await shop.publish(journey(exit=[ORDER]))
    await shop.accept(incoming("Order Completed", at=at(seconds=2)), incoming("Product Added", at=at(seconds=1)))
    (run,) = await shop.runs()
    assert run.outcome == "exited"


async def test_w1_listens_from_the_arrival_only(shop: Shop) -> None:
    await shop.publish(waiting_for({"event": "Product Viewed"}))
    await shop.accept(incoming("Product Viewed", at=at(minutes=-1)), incoming("Product Added"))
    assert await released(shop) is None
    await shop.accept(incoming("Product Viewed", at=at(seconds=-1)))
    assert await released(shop) is None
    await shop.accept(incoming("Product Viewed", at=at(seconds=1)))
    assert (await released(shop))["event"] == "Product Viewed"


async def test_w1_since_widens_what_counts(shop: Shop) -> None:
    await shop.publish(waiting_for({"event": "Product Viewed"}, since="10m"))
    await shop.accept(incoming("Product Viewed", at=at(minutes=-5)), incoming("Product Added"))
    (run,) = await shop.runs()
    assert run.step == "after"


async def test_w1_a_state_that_holds_already_passes_at_once(shop: Shop) -> None:
    await shop.publish(waiting_for({"when": {"attribute": "plan", "equals": "pro"}}))
    await shop.accept(incoming("Identified", kind="identify", at=at(minutes=-1), traits={"plan": "pro"}))
    await shop.accept(incoming("Product Added"))
    (run,) = await shop.runs()
    assert run.step == "after"


async def test_w1_a_state_that_comes_to_hold_releases_the_wait(shop: Shop) -> None:
    await shop.publish(waiting_for({"when": {"attribute": "plan", "equals": "pro"}}))
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Identified", kind="identify", at=at(minutes=1), traits={"plan": "pro"}))
    assert (await released(shop))["branch"] == 0


async def test_w3_the_first_match_wins_at_once(shop: Shop) -> None:
    await shop.publish(waiting_for({"event": "Product Viewed"}, {"event": "Checkout Started"}))
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Checkout Started", at=at(minutes=1)), incoming("Product Viewed", at=at(minutes=2)))
    assert (await released(shop))["branch"] == 1
    assert [kind for kind, _ in await shop.outbox()] == ["start", "signal"]


async def test_w3_ranked_keeps_everybody_and_takes_the_highest(shop: Shop) -> None:
    branches = ({"event": "Checkout Started"}, {"event": "Product Viewed"})
    await shop.publish(waiting_for(*branches, mode="ranked"))
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Product Viewed", at=at(minutes=1)), incoming("Checkout Started", at=at(minutes=2)))
    assert (await released(shop))["branch"] == 0
    assert [kind for kind, _ in await shop.outbox()] == ["start"]


@pytest.mark.parametrize(
    ("branch", "releases"),
    [
        ({"changes": True}, [True, True]),
        ({"changes_to": "gold"}, [False, True]),
        ({"changes_from": "silver"}, [False, True]),
        ({"changes_from": "silver", "changes_to": "gold"}, [False, True]),
        ({"changes_to": "platinum"}, [False, False]),
    ],
)
async def test_e5_only_a_real_change_fires_and_the_first_value_is_one(
    shop: Shop, branch: dict[str, Any], releases: list[bool]
) -> None:
    await shop.publish(waiting_for({"attribute": "tier", **branch}))
    await shop.accept(incoming("Product Added"))
    found = []
    for minute, tier in ((1, "silver"), (2, "silver"), (3, "gold")):
        await shop.accept(incoming("Identified", kind="identify", at=at(minutes=minute), traits={"tier": tier}))
        found.append(await released(shop) is not None)
    assert [found[1], found[2]] == releases
    assert found[0] == found[1], "the same value again is no change"


async def test_w12_an_event_that_is_exit_and_goal_counts_as_both(shop: Shop) -> None:
    goal = {"key": "order", **ORDER, "value": {"property": "revenue"}, "within": "7d"}
    await shop.publish(journey(exit=[ORDER], goals=[goal]))
    await shop.accept(incoming("Product Added"))
    shop.pass_time(hours=3)
    await shop.accept(incoming("Order Completed", at=at(minutes=9), revenue=99.5))
    (run,) = await shop.runs()
    (conversion,) = await shop.conversions()
    assert (run.outcome, conversion.at, conversion.value) == ("exited", at(minutes=9), 99.5)


async def test_w12_a_conversion_window_outlives_the_run(shop: Shop) -> None:
    goal = {"key": "order", **ORDER, "within": "7d"}
    leave = {"on": "event", "event": "Cart Cleared"}
    await shop.publish(journey(exit=[leave], goals=[goal]))
    await shop.accept(incoming("Product Added"), incoming("Cart Cleared", at=at(seconds=1)))
    await shop.accept(incoming("Order Completed", at=at(days=6)))
    assert [conversion.goal for conversion in await shop.conversions()] == ["order"]


async def test_c1_a_goal_counts_once_per_run(shop: Shop) -> None:
    await shop.publish(journey(goals=[{"key": "order", **ORDER, "within": "7d"}]))
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Order Completed", at=at(minutes=1)), incoming("Order Completed", at=at(minutes=2)))
    await shop.accept(incoming("Order Completed", at=at(minutes=3)))
    assert [conversion.at for conversion in await shop.conversions()] == [at(minutes=1)]


async def test_c2_an_event_outside_the_window_is_no_conversion(shop: Shop) -> None:
    await shop.publish(journey(goals=[{"key": "order", **ORDER, "within": "7d", "anchor": "entry"}]))
    await shop.accept(incoming("Product Added"))
    shop.pass_time(days=9)
    await shop.accept(incoming("Order Completed", at=at(days=7, seconds=1)))
    assert await shop.conversions() == []


async def test_c3_credit_goes_to_the_run_that_was_live_at_the_events_time(shop: Shop) -> None:
    goal = {"key": "order", **ORDER, "within": "7d"}
    await shop.publish(journey(exit=[{"on": "event", "event": "Cart Cleared"}], goals=[goal]))
    await shop.accept(incoming("Product Added"), incoming("Cart Cleared", at=at(hours=1)))
    await shop.accept(incoming("Product Added", at=at(hours=2)))
    first, second = await shop.runs()
    await shop.accept(incoming("Order Completed", at=at(minutes=30)))
    assert [conversion.run_id for conversion in await shop.conversions()] == [first.id]
    assert second.state == "live"


async def test_c3_a_restarted_run_leaves_its_goals_to_the_one_that_took_its_place(shop: Shop) -> None:
    goal = {"key": "order", **ORDER, "value": {"property": "revenue"}, "within": "7d"}
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    await shop.publish(journey(entry=entry, goals=[goal]))
    await shop.accept(incoming("Product Added"))
    shop.pass_time(minutes=10)
    await shop.accept(incoming("Product Added", at=at(minutes=5)))
    await shop.accept(incoming("Order Completed", at=at(minutes=6), revenue=10))
    (conversion,) = await shop.conversions()
    assert conversion.run_id == (await shop.runs())[1].id


async def test_c3_of_parallel_runs_only_those_that_were_live_are_credited(shop: Shop) -> None:
    goal = {"key": "order", **ORDER, "within": "7d"}
    entry = {"on": "event", "event": "Product Added", "correlate": "cart_id"}
    cleared = {"on": "event", "event": "Cart Cleared", "where": {"property": "cart_id", "equals": {"entry": "cart_id"}}}
    await shop.publish(journey(entry=entry, exit=[cleared], goals=[goal]))
    await shop.accept(incoming("Product Added", cart_id="c1"), incoming("Product Added", cart_id="c2"))
    await shop.accept(incoming("Cart Cleared", cart_id="c1", at=at(seconds=1)))
    shop.pass_time(minutes=10)
    await shop.accept(incoming("Order Completed", at=at(minutes=9)))
    runs = {run.id: run.correlation for run in await shop.runs()}
    assert [runs[conversion.run_id] for conversion in await shop.conversions()] == ["c2"]


async def test_an_event_wakes_only_runs_that_can_react(shop: Shop) -> None:
    await shop.publish(waiting_for({"event": "Product Viewed", "where": {"property": "sku", "equals": "s1"}}))
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Page Viewed", at=at(seconds=1)), incoming("Product Viewed", at=at(seconds=2), sku="s2"))
    assert [kind for kind, _ in await shop.outbox()] == ["start"]
