"""W1-W9 and W11 on the production workflow, with skipped time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
ORDER = {"on": "event", "event": "Order Completed"}


async def enter(stage: Theatre, *steps: dict[str, Any], **parts: Any) -> Any:
    """Ann, who may be mailed, enters a journey of these steps; her run."""
    await stage.shop.introduce(**parts.pop("traits", {}))
    await stage.shop.publish(journey(steps=list(steps), **parts))
    await stage.accept(incoming("Product Added", at=stage.clock.at, **parts.pop("properties", {})))
    return await stage.run()


async def left(stage: Theatre, step: str) -> str | None:
    (entry,) = [entry for entry in await stage.shop.journal() if entry.kind == "left" and entry.step == step]
    return entry.code


async def test_w1_an_event_releases_the_wait_and_the_run_goes_on_at_once(stage: Theatre) -> None:
    wait = {"id": "view", "wait_for": {"event": "Product Viewed", "timeout": "7d"}}
    await enter(stage, wait, MAIL)
    await stage.pass_time(hours=1)
    await stage.accept(incoming("Product Viewed", at=stage.clock.at))
    assert (stage.subjects, await left(stage, "view")) == (["Hello Ann"], "event")
    assert (await stage.run()).ended_at < stage.clock.at + timedelta(minutes=1)


async def test_w3_ranked_waits_for_the_end_of_the_window(stage: Theatre) -> None:
    branches = [{"event": "Checkout Started", "next": "mail"}, {"event": "Product Viewed", "next": "end"}]
    wait = {"id": "choice", "wait_for": {"branches": branches, "timeout": "2d", "mode": "ranked"}}
    await enter(stage, wait, MAIL)
    await stage.accept(incoming("Product Viewed", at=stage.clock.at + timedelta(minutes=1)))
    await stage.pass_time(hours=1)
    await stage.accept(incoming("Checkout Started", at=stage.clock.at))
    assert (await stage.run()).state == "live"
    await stage.pass_time(days=2)
    assert stage.subjects == ["Hello Ann"]


@pytest.mark.parametrize(
    ("on_timeout", "mails", "outcome"),
    [("continue", 1, "completed"), ("exit", 0, "exited"), ("skip", 0, "skipped")],
)
async def test_w4_a_timeout_continues_exits_or_jumps(stage: Theatre, on_timeout: str, mails: int, outcome: str) -> None:
    wait = {"id": "view", "wait_for": {"event": "Product Viewed", "timeout": "1d", "on_timeout": on_timeout}}
    await enter(stage, wait, {**MAIL, "next": "end"}, {"id": "skip", "end": "skipped"})
    await stage.pass_time(days=1, seconds=1)
    assert (len(stage.mails), (await stage.run()).outcome) == (mails, outcome)


async def test_w5_a_day_is_24_hours_and_a_calendar_day_ends_at_local_midnight(stage: Theatre) -> None:
    steps = [{"id": "day", "wait": {"for": "1d"}}, {"id": "calendar", "wait": {"for": "1 calendar day"}}]
    await enter(stage, *steps, traits={"timezone": "America/New_York"})
    arrived = stage.clock.at
    first = (await stage.run()).until
    assert timedelta(hours=24) - timedelta(seconds=5) < first - arrived <= timedelta(hours=24)
    await stage.pass_time(days=1, seconds=1)
    run = await stage.run()
    local = run.until.astimezone(__import__("zoneinfo").ZoneInfo("America/New_York"))
    assert (run.step, local.hour, local.minute) == ("calendar", 0, 0)
    assert timedelta(0) < run.until - stage.clock.at <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("past", "mails", "outcome"), [("continue", 1, "completed"), ("exit", 0, "exited"), ("next_occurrence", 0, None)]
)
async def test_w6_a_target_in_the_past(stage: Theatre, past: str, mails: int, outcome: str | None) -> None:
    wait = {"id": "date", "wait": {"until": {"attribute": "trial_ends"}, "past": past}}
    run = await enter(stage, wait, MAIL, traits={"trial_ends": "2020-02-29T09:00:00Z"})
    assert (len(stage.mails), run.outcome) == (mails, outcome)
    if past == "next_occurrence":
        assert (run.until.month, run.until.hour) == (2, 9)
        assert run.until > stage.clock.at


async def test_w6_a_missing_date_is_no_past_date(stage: Theatre) -> None:
    wait = {"id": "date", "wait": {"until": {"attribute": "trial_ends"}, "past": "continue", "missing": "exit"}}
    run = await enter(stage, wait, MAIL)
    assert (stage.mails, run.outcome, await left(stage, "date")) == ([], "exited", "missing")


TRIAL = {"id": "date", "wait": {"until": {"attribute": "trial_ends"}, "past": "exit", "missing": "exit"}}


async def is_told(stage: Theatre, **traits: Any) -> None:
    await stage.accept(incoming("Identified", kind="identify", at=stage.clock.at, traits=traits))


@pytest.mark.parametrize(("moved_to", "mails"), [(1, 1), (20, 0)])
async def test_e6_a_wait_moves_with_its_date(stage: Theatre, moved_to: int, mails: int) -> None:
    """The trial ends after a day instead of ten, or after twenty; two days and eleven are passed."""
    begun = stage.clock.at
    await enter(stage, TRIAL, MAIL, traits={"trial_ends": (begun + timedelta(days=10)).isoformat()})
    await is_told(stage, trial_ends=(begun + timedelta(days=moved_to)).isoformat())
    await stage.pass_time(days=2)
    assert len(stage.mails) == mails
    await stage.pass_time(days=9)
    assert len(stage.mails) == mails
    await stage.pass_time(days=10)
    assert len(stage.mails) == 1


@pytest.mark.parametrize(("trial_ends", "code"), [("2020-01-01T00:00:00Z", "past"), (None, "missing")])
async def test_e6_a_date_that_moves_into_the_past_or_goes_away_ends_the_wait(
    stage: Theatre, trial_ends: str | None, code: str
) -> None:
    await enter(stage, TRIAL, MAIL, traits={"trial_ends": (stage.clock.at + timedelta(days=10)).isoformat()})
    await is_told(stage, trial_ends=trial_ends)
    assert ((await stage.run()).outcome, await left(stage, "date"), stage.mails) == ("exited", code, [])


async def test_w7_the_rung_of_the_time_zone_ladder_is_on_record(stage: Theatre) -> None:
    wait = {"id": "morning", "wait": {"until": "09:00"}}
    await enter(stage, wait, traits={"address": {"country": "JP"}}, time_zone="Europe/Riga")
    (arrived,) = [entry for entry in await stage.shop.journal() if entry.kind == "arrived"]
    assert (arrived.data["zone"], arrived.data["rung"]) == ("Asia/Tokyo", "country")
    assert (await stage.run()).until.hour == 0


async def test_w9_an_exit_closes_the_workflow_in_mid_wait(stage: Theatre) -> None:
    await enter(stage, {"id": "long", "wait": {"for": "45d"}}, MAIL, exit=[ORDER])
    await stage.pass_time(days=1)
    await stage.accept(incoming("Order Completed", at=stage.clock.at))
    result = await stage.client.get_workflow_handle("journey/cart/ann").result()
    assert (result, stage.mails) == ("exited", [])
    assert await stage.env.get_current_time() < datetime.now(UTC) + timedelta(days=2)


async def test_w11_an_order_accepted_a_millisecond_before_the_send_stops_it(stage: Theatre) -> None:
    """The order is stored, but neither decided nor told to anybody, when the reminder's timer fires."""
    from journeyman.customers.inbox.repository import append  # noqa: PLC0415 - the door, without what follows

    await enter(stage, {"id": "pause", "wait": {"for": "30m"}}, MAIL, exit=[ORDER])
    order = incoming("Order Completed", at=stage.clock.at + timedelta(minutes=30, milliseconds=-1))
    await append(stage.database, [order], stage.clock.at)
    await stage.pass_time(minutes=31)
    assert ((await stage.run()).outcome, stage.mails) == ("exited", [])
    messages = [entry for entry in await stage.shop.journal() if entry.kind == "message"]
    assert messages == []


async def test_the_abandoned_cart_that_is_bought_and_the_one_that_is_not(stage: Theatre) -> None:
    """Two carts in parallel; buying one ends its reminders and leaves the other's alone."""
    same_cart = {**ORDER, "where": {"property": "cart_id", "equals": {"entry": "cart_id"}}}
    entry = {"on": "event", "event": "Product Added", "correlate": "cart_id"}
    subject = {"id": "pause", "wait": {"for": "30m"}}
    await stage.shop.introduce()
    await stage.shop.publish(journey(entry=entry, exit=[same_cart], steps=[subject, MAIL]))
    now = stage.clock.at
    await stage.accept(incoming("Product Added", at=now, cart_id="c1"), incoming("Product Added", at=now, cart_id="c2"))
    await stage.pass_time(minutes=20)
    await stage.accept(incoming("Order Completed", at=stage.clock.at, cart_id="c2"))
    await stage.pass_time(minutes=11)
    assert {run.correlation: run.outcome for run in await stage.shop.runs()} == {"c1": "completed", "c2": "exited"}
    assert len(stage.mails) == 1
