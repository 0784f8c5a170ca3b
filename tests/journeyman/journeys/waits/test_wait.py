"""E6, W7, O1: a wait follows its date and the customer's zone, and knows the best hour."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming, journey


async def enter(shop: Shop, wait: dict[str, Any], **traits: Any) -> Any:
    await shop.introduce(**traits)
    await shop.publish(journey(steps=[{"id": "stay", "wait": wait}]))
    await shop.accept(incoming("Product Added"))
    return (await shop.runs())[0]


async def is_told(shop: Shop, **traits: Any) -> Any:
    await shop.accept(incoming("Identified", kind="identify", at=shop.clock.at, traits=traits))
    return (await shop.runs())[0]


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def signals(outbox: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    return [datetime.fromisoformat(payload["until"]) for kind, payload in outbox if kind == "signal"]


async def test_e6_a_date_that_comes_sooner_is_told_to_the_workflow_and_one_that_comes_later_is_not(shop: Shop) -> None:
    wait = {"until": {"attribute": "trial.ends", "offset": "-1d"}}
    run = await enter(shop, wait, trial={"ends": "2026-03-20T18:30:00Z"})
    assert run.until == datetime.fromisoformat("2026-03-19T18:30Z")
    run = await is_told(shop, trial={"ends": "2026-03-10T18:30:00Z"})
    assert run.until == datetime.fromisoformat("2026-03-09T18:30Z")
    run = await is_told(shop, trial={"ends": "2026-03-30T18:30:00Z"})
    assert run.until == datetime.fromisoformat("2026-03-29T18:30Z")
    assert signals(await shop.outbox()) == [datetime.fromisoformat("2026-03-09T18:30Z")]
    moved = [entry.data for entry in await shop.journal() if entry.kind == "rescheduled"]
    assert [(one["before"][:10], one["until"][:10]) for one in moved] == [
        ("2026-03-19", "2026-03-09"),
        ("2026-03-09", "2026-03-29"),
    ]


async def test_e6_what_the_wait_does_not_name_moves_nothing_and_costs_nothing(shop: Shop) -> None:
    before = await enter(shop, {"until": {"attribute": "trial_ends"}}, trial_ends="2026-03-20T18:30:00Z")
    after = await is_told(shop, tier="gold", other_date="2026-03-05")
    assert (before.until, signals(await shop.outbox())) == (after.until, [])


async def test_w7_a_local_time_is_that_of_the_zone_into_which_she_moves(shop: Shop) -> None:
    run = await enter(shop, {"until": "09:00"}, timezone="America/Los_Angeles")
    assert run.until - datetime.fromisoformat("2026-03-02T09:00-08:00") < timedelta(minutes=1)
    run = await is_told(shop, timezone="Asia/Tokyo")
    assert timedelta() <= run.until - datetime.fromisoformat("2026-03-03T09:00+09:00") < timedelta(minutes=1)


async def test_w7_a_zone_that_puts_the_date_behind_now_makes_it_due_and_not_past(shop: Shop) -> None:
    wait = {"until": {"attribute": "ends", "time": "09:00"}, "past": "exit"}
    await enter(shop, wait, ends="2026-03-03", timezone="America/Los_Angeles")
    shop.clock.at = datetime.fromisoformat("2026-03-03T12:00+09:00")
    run = await is_told(shop, timezone="Asia/Tokyo")
    assert run.until < shop.clock.at
    assert run.released is None


async def test_w5_hours_are_hours_in_every_zone(shop: Shop) -> None:
    await enter(shop, {"for": "3h"}, timezone="America/Los_Angeles")
    run = await is_told(shop, timezone="Asia/Tokyo")
    assert run.until == NOON + timedelta(hours=3)


async def test_o1_without_a_best_hour_nobody_waits(shop: Shop) -> None:
    run = await enter(shop, {"best_time": {"within": "1d"}})
    assert (run.state, await shop.codes("left")) == ("ended", ["now"])
