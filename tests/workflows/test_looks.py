"""Time alone ends a run with the engine as its clock, at an instant that moves with what happens."""

from datetime import datetime, timedelta
from typing import Any

from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

QUIET = {"not": {"event": "Product Viewed", "within": "7d"}}
LONG = {"id": "long", "wait": {"for": "45d"}}


async def ended(stage: Theatre) -> tuple[str | None, datetime | None]:
    (run,) = await stage.shop.runs()
    return run.outcome, run.ended_at


async def test_w9_a_condition_ends_a_run_in_the_middle_of_a_wait_without_an_event(stage: Theatre) -> None:
    rule: dict[str, Any] = {"on": "condition", "when": QUIET, "outcome": "quiet"}
    await stage.shop.publish(journey(exit=[rule], steps=[LONG]))
    start = stage.clock.at
    await stage.accept(incoming("Product Viewed", "quiet", at=start), incoming("Product Added", "quiet", at=start))
    await stage.pass_time(days=5)
    again = stage.clock.at
    await stage.accept(incoming("Product Viewed", "quiet", at=again))
    await stage.pass_time(days=6)
    assert await ended(stage) == (None, None)
    await stage.pass_time(days=2)
    outcome, at = await ended(stage)
    assert outcome == "quiet"
    assert at is not None
    assert timedelta(days=7) <= at - again < timedelta(days=7, seconds=5)


async def test_w9_a_date_that_comes_nearer_ends_a_run_that_sleeps_for_longer(stage: Theatre) -> None:
    await stage.shop.publish(journey(exit=[{"on": "date", "attribute": "ends", "outcome": "late"}], steps=[LONG]))
    start = stage.clock.at
    await stage.accept(incoming("Product Added", "sleeper", at=start))
    await stage.pass_time(days=1)
    due = stage.clock.at + timedelta(days=2)
    traits = {"ends": due.isoformat()}
    await stage.accept(incoming("Identified", "sleeper", kind="identify", at=stage.clock.at, traits=traits))
    await stage.pass_time(days=3)
    outcome, at = await ended(stage)
    assert outcome == "late"
    assert at is not None
    assert timedelta() <= at - due < timedelta(seconds=5)
