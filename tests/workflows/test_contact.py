"""A message that is held is a timer of its run's workflow (Q1), which costs nothing where nothing is held."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

PAUSE = {"id": "pause", "wait": {"for": "1h"}}
MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
DONE = {"id": "done", "end": "done"}


def around(stage: Theatre, begins: int, ends: int) -> dict[str, Any]:
    """Quiet hours from so many hours from now on, until so many."""
    now = stage.clock.at
    times = {"from": now + timedelta(hours=begins), "until": now + timedelta(hours=ends)}
    return {name: at.strftime("%H:%M") for name, at in times.items()}


async def play(stage: Theatre, **parts: Any) -> str:
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=[PAUSE, MAIL, DONE], **parts))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    await stage.pass_time(hours=1, seconds=5)
    (run,) = await stage.shop.runs()
    return str(run.workflow_id)


async def test_q1_the_workflow_sleeps_to_the_end_of_quiet_hours_and_then_sends(stage: Theatre) -> None:
    hours = around(stage, -1, 4)
    workflow_id = await play(stage, quiet_hours=hours)
    run = await stage.run()
    assert (run.step, run.until > stage.clock.at, stage.mails) == ("mail", True, [])
    state = await stage.client.get_workflow_handle(workflow_id).query("state")
    assert state["step"] == "mail"
    assert state["waits_until"] is not None
    await stage.pass_time(hours=2, minutes=50)
    assert stage.mails == []
    await stage.pass_time(minutes=45)
    assert len(stage.mails) == 1
    assert (await stage.run()).outcome == "done"


async def test_w9_an_exit_ends_the_workflow_of_a_held_message(stage: Theatre) -> None:
    workflow_id = await play(stage, quiet_hours=around(stage, -1, 4), exit=[{"on": "event", "event": "Bought"}])
    await stage.accept(incoming("Bought", at=stage.clock.at))
    assert await stage.client.get_workflow_handle(workflow_id).result() == "exited"
    await stage.pass_time(hours=5)
    assert stage.mails == []


@pytest.mark.parametrize(("begins", "ends", "more"), [(4, 6, 0), (-1, 4, 11)])
async def test_a_hold_costs_the_history_what_a_wait_does_and_rules_that_hold_nothing_cost_nothing(
    stage: Theatre, begins: int, ends: int, more: int
) -> None:
    plain = await play(stage)
    first = len((await stage.history(plain)).events)
    rules = {"quiet_hours": around(stage, begins, ends), "caps": [{"max": 5, "per": "1d"}]}
    await stage.shop.publish(journey("other", steps=[PAUSE, MAIL, DONE], **rules))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    await stage.pass_time(hours=5)
    (other,) = [run for run in await stage.shop.runs() if run.journey_key == "other"]
    assert other.outcome == "done"
    assert len((await stage.history(other.workflow_id)).events) == first + more
