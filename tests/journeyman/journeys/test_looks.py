"""Exits, goals and waits on states and dates: released and ended by events, by changes, and by time alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.receipts import Receipts
from journeyman.journeys.segmentation.segments import Segments
from tests.builders import NOON, incoming, journey
from tests.world import World, world

PAUSE: list[dict[str, Any]] = [{"id": "pause", "wait": {"for": "60d"}}]
QUIET = {"not": {"event": "Product Viewed", "within": "7d"}}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as made:
        yield made


def at(**span: float) -> Any:
    return NOON + timedelta(**span)


def exiting(*rules: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return journey(exit=list(rules), **{"steps": PAUSE, **parts})


async def only_run(here: World) -> Any:
    (run,) = await here.shop.runs()
    return run


async def test_w9_a_condition_that_time_alone_brings_about_ends_the_run_at_that_instant(here: World) -> None:
    await here.shop.publish(exiting({"on": "condition", "when": QUIET, "outcome": "quiet"}))
    await here.shop.accept(incoming("Product Viewed"), incoming("Product Added"))
    run = await only_run(here)
    assert run.look_at == at(days=7, milliseconds=1)
    await here.pass_time(days=8)
    run = await only_run(here)
    assert (run.outcome, run.ended_at) == ("quiet", at(days=7, milliseconds=1))


async def test_w9_what_puts_the_instant_off_is_looked_at_again_then(here: World) -> None:
    await here.shop.publish(exiting({"on": "condition", "when": QUIET, "outcome": "quiet"}))
    await here.shop.accept(incoming("Product Viewed"), incoming("Product Added"))
    await here.pass_time(days=5)
    await here.shop.accept(incoming("Product Viewed", at=at(days=5)))
    await here.pass_time(days=6)
    assert (await only_run(here)).state == "live"
    await here.pass_time(days=2)
    assert (await only_run(here)).ended_at == at(days=12, milliseconds=1)


async def test_w9_nobody_is_in_a_journey_whose_exit_condition_holds_at_the_door(here: World) -> None:
    await here.shop.publish(exiting({"on": "condition", "when": {"attribute": "vip", "equals": True}}))
    await here.shop.introduce("ann", vip=True)
    await here.shop.accept(incoming("Product Added"))
    run = await only_run(here)
    assert (run.outcome, run.step, await here.shop.outbox()) == ("exited", None, [])


async def test_w9_an_event_that_makes_the_condition_hold_ends_the_run_at_once(here: World) -> None:
    await here.shop.publish(exiting({"on": "condition", "when": {"computed": "orders", "gte": 2}}))
    await here.shop.accept(incoming("Product Added"))
    await here.shop.accept(incoming("Order Completed", at=at(minutes=1)))
    assert (await only_run(here)).state == "live"
    await here.shop.accept(incoming("Order Completed", at=at(minutes=2)))
    assert (await only_run(here)).outcome == "exited"


async def test_w9_a_date_of_the_profile_ends_the_run_and_one_that_moves_moves_the_end(here: World) -> None:
    await here.shop.publish(
        exiting({"on": "date", "attribute": "trial_ends", "offset": "-1d", "time": "10:00", "outcome": "late"})
    )
    await here.shop.introduce("ann", trial_ends="2026-03-20", timezone="Europe/Warsaw")
    await here.shop.accept(incoming("Product Added"))
    assert (await only_run(here)).look_at == NOON.replace(day=19, hour=9)
    moved = {"trial_ends": "2026-03-10"}
    await here.shop.accept(incoming("Identified", kind="identify", at=at(minutes=1), traits=moved))
    kind, payload = (await here.shop.outbox())[-1]
    assert (kind, payload["until"]) == ("signal", NOON.replace(day=9, hour=9).isoformat())
    await here.pass_time(days=10)
    run = await only_run(here)
    assert (run.outcome, run.ended_at) == ("late", NOON.replace(day=9, hour=9))


async def test_w9_a_date_that_comes_as_a_timer_fires_ends_the_run_before_it_goes_on(here: World) -> None:
    night = {"id": "night", "wait_for": {"event": "Order Completed", "timeout": "1 calendar day"}}
    rule = {"on": "date", "attribute": "trial_ends", "outcome": "late"}
    await here.shop.publish(exiting(rule, steps=[night, *PAUSE]))
    await here.shop.introduce("ann", trial_ends="2026-03-03")
    await here.shop.accept(incoming("Product Added"))
    midnight = NOON.replace(day=3, hour=0)
    assert (await only_run(here)).until == midnight
    await here.pass_time(days=2)
    run = await only_run(here)
    assert (run.outcome, run.step, run.ended_at) == ("late", "night", midnight)


async def test_w9_a_date_gone_by_lets_nobody_in_and_no_date_does_nothing(here: World) -> None:
    await here.shop.publish(exiting({"on": "date", "attribute": "trial_ends"}))
    await here.shop.introduce("ann", trial_ends="2026-03-01")
    await here.shop.introduce("bea")
    await here.shop.accept(incoming("Product Added", "ann"), incoming("Product Added", "bea"))
    assert {run.customer_id: run.state for run in await here.shop.runs()} == {"ann": "ended", "bea": "live"}


async def test_w9_a_real_change_of_an_attribute_ends_the_run(here: World) -> None:
    rule = {"on": "attribute_change", "attribute": "plan.tier", "changes_to": "gold", "outcome": "upgraded"}
    await here.shop.publish(exiting(rule))
    await here.shop.introduce("ann", plan={"tier": "gold"})
    await here.shop.accept(incoming("Product Added"))
    for minute, tier in enumerate(["gold", "silver", "gold"], start=1):
        assert (await only_run(here)).state == "live"
        moment = at(minutes=minute)
        await here.shop.accept(incoming("Identified", kind="identify", at=moment, traits={"plan": {"tier": tier}}))
    assert (await only_run(here)).outcome == "upgraded"


async def test_w9_an_update_of_another_journey_ends_the_run(here: World) -> None:
    rule = {"on": "attribute_change", "attribute": "tier", "changes_to": "gold", "outcome": "upgraded"}
    await here.shop.publish(exiting(rule))
    update = {"id": "raise", "update": {"attributes": {"tier": "gold"}}}
    await here.shop.publish(
        journey(
            "raiser", entry={"on": "event", "event": "Upgraded"}, steps=[{"id": "w", "wait": {"for": "1m"}}, update]
        )
    )
    await here.shop.accept(incoming("Product Added"), incoming("Upgraded"))
    await here.pass_time(minutes=2)
    assert {run.journey_key: run.outcome for run in await here.shop.runs()} == {
        "cart": "upgraded",
        "raiser": "completed",
    }


async def test_e5_an_update_of_another_journey_starts_a_run_once(here: World) -> None:
    await here.shop.publish(journey("gold", entry={"on": "attribute_change", "attribute": "tier"}, steps=PAUSE))
    update = {"id": "raise", "update": {"attributes": {"tier": "gold", "seen": True}}}
    await here.shop.publish(journey(steps=[{"id": "w", "wait": {"for": "1m"}}, update, {**update, "id": "again"}]))
    await here.shop.accept(incoming("Product Added"))
    await here.pass_time(minutes=2)
    assert [run.journey_key for run in await here.shop.runs()] == ["cart", "gold"]
    assert await here.shop.codes("refused") == []
    assert (await here.shop.runs())[-1].kept == {"depth": {"runs": 1}}


async def test_m2_an_exit_on_the_runs_own_update_comes_before_its_next_message(here: World) -> None:
    rule = {"on": "attribute_change", "attribute": "tier", "changes_to": "gold", "outcome": "upgraded"}
    steps: list[dict[str, Any]] = [
        {"id": "w", "wait": {"for": "1m"}},
        {"id": "raise", "update": {"attributes": {"tier": "gold"}}},
        {"id": "mail", "send": {"channel": "email", "template": "hello"}},
    ]
    await here.shop.publish(exiting(rule, steps=steps))
    await here.shop.introduce("ann")
    await here.shop.accept(incoming("Product Added"))
    await here.pass_time(minutes=2)
    assert ((await only_run(here)).outcome, here.smtp.mails) == ("upgraded", [])


async def test_m2_an_exit_condition_is_judged_again_at_the_instant_of_sending(here: World) -> None:
    steps: list[dict[str, Any]] = [
        {"id": "w", "wait": {"for": "1h"}},
        {"id": "mail", "send": {"channel": "email", "template": "hello"}},
    ]
    rule = {"on": "condition", "when": {"consent": "news", "is": "no"}, "outcome": "not-wanted"}
    await here.shop.publish(exiting(rule, steps=steps))
    await here.shop.introduce("ann")
    await here.shop.accept(incoming("Product Added"))
    await here.shop.consent("ann", news="no")
    await here.pass_time(hours=2)
    assert ((await only_run(here)).outcome, here.smtp.mails) == ("not-wanted", [])


async def test_w9_a_click_ends_the_run_whose_message_it_was(here: World) -> None:
    steps: list[dict[str, Any]] = [{"id": "mail", "send": {"channel": "email", "template": "hello"}}, *PAUSE]
    clicked = {"on": "message", "message": "mail", "status": "clicked", "outcome": "clicked"}
    await here.shop.publish(exiting(clicked, steps=steps))
    await here.shop.publish({**exiting(clicked, steps=steps), "journey": "other"})
    await here.shop.introduce("ann")
    await here.shop.accept(incoming("Product Added"))
    await here.pass_time(minutes=1)
    first = (await here.get("/v1/customers/ann/messages"))["items"][0]
    receipts = Receipts(here.database, here.services.inbox, here.clock)
    await receipts.clicked(first["id"], "https://shop.example")
    await here.shop.decide()
    ended = {run.journey_key for run in await here.shop.runs() if run.outcome == "clicked"}
    assert ended == {first["journey"]}


async def test_w1_a_wait_for_a_segment_passes_at_once_for_who_is_in_it(here: World) -> None:
    await here.put("/v1/segments/vip", {"name": "VIP"})
    steps = [{"id": "in", "wait_for": {"segment": "vip", "timeout": "9d"}}, *PAUSE]
    await here.shop.publish(journey(steps=steps))
    await here.shop.introduce("ann")
    await Segments(here.database, here.clock).set_by_hand("vip", ["ann"], [])
    await here.shop.accept(incoming("Product Added", "ann"), incoming("Product Added", "bea"))
    await here.pass_time(minutes=1)
    assert {run.customer_id: run.step for run in await here.shop.runs()} == {"ann": "pause", "bea": "in"}
    await Segments(here.database, here.clock).set_by_hand("vip", ["bea"], [])
    await here.pass_time(minutes=1)
    assert {run.customer_id: run.step for run in await here.shop.runs()} == {"ann": "pause", "bea": "pause"}


async def test_w1_a_wait_for_a_state_is_released_by_time_alone(here: World) -> None:
    steps = [{"id": "quiet", "wait_for": {"when": QUIET, "timeout": "30d"}}, *PAUSE]
    await here.shop.publish(journey(steps=steps))
    await here.shop.accept(incoming("Product Viewed"), incoming("Product Added"))
    await here.pass_time(days=8)
    left = next(entry for entry in await here.shop.journal() if entry.kind == "left")
    assert (left.at, left.code) == (at(days=7, milliseconds=1), "when")


async def test_c1_a_goal_on_a_condition_is_reached_once_by_an_event_or_by_time(here: World) -> None:
    goals = [
        {"key": "rich", "on": "condition", "when": {"computed": "orders", "gte": 1}, "within": "30d", "value": 5},
        {"key": "quiet", "on": "condition", "when": QUIET, "within": "30d"},
    ]
    await here.shop.publish(journey(goals=goals, steps=PAUSE))
    await here.shop.accept(incoming("Product Viewed"), incoming("Product Added"))
    await here.shop.accept(incoming("Order Completed", at=at(minutes=1)))
    await here.shop.accept(incoming("Order Completed", at=at(minutes=2)))
    await here.pass_time(days=9)
    found = {one.goal: (one.at, one.value) for one in await here.shop.conversions()}
    assert found == {"rich": (at(minutes=1), 5), "quiet": (at(days=7, milliseconds=1), None)}


async def test_c1_a_goal_whose_condition_held_at_the_entry_is_not_reached(here: World) -> None:
    goals = [{"key": "rich", "on": "condition", "when": {"computed": "orders", "gte": 1}, "within": "30d"}]
    await here.shop.publish(journey(goals=goals, steps=PAUSE))
    await here.shop.accept(incoming("Order Completed"), incoming("Product Added", at=at(minutes=1)))
    await here.shop.accept(incoming("Order Completed", at=at(minutes=2)))
    assert await here.shop.conversions() == []


async def test_a_loop_of_updates_ends_and_says_so(here: World) -> None:
    for key, now, then in (("on", "off", "on"), ("off", "on", "off")):
        entry = {"on": "attribute_change", "attribute": "light", "changes_to": now}
        await here.shop.publish(
            journey(key, entry=entry, steps=[{"id": "turn", "update": {"attributes": {"light": then}}}])
        )
    await here.shop.accept(incoming("Identified", kind="identify", traits={"light": "on"}))
    for _ in range(20):
        await here.pass_time(seconds=1)
    assert await here.shop.codes("refused") == ["depth"]
    assert len(await here.shop.runs()) == 11
