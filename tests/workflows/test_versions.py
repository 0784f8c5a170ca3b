"""Versions, pauses and what is done by hand, on the production workflow: the engine follows the row (V1, V2, V4)."""

import asyncio
from typing import Any

import pytest

from journeyman.journeys.interventions import Interventions, What
from journeyman.journeys.migration.planning import Wish
from journeyman.journeys.published import Shelf
from tests.builders import incoming, journey
from tests.workflows.theatre import PATIENCE, Theatre

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
LAST = {"id": "last", "wait": {"for": "30d"}}
CROWD = [f"c{number}" for number in range(8)]


def waiting(span: str, *more: Any) -> dict[str, Any]:
    return journey(steps=[{"id": "pause", "wait": {"for": span}}, *more])


async def enter(stage: Theatre, *names: str) -> None:
    for name in names or ("ann",):
        await stage.shop.introduce(name)
    await stage.accept(*(incoming("Product Added", name, at=stage.clock.at) for name in names or ("ann",)))


async def until_at(stage: Theatre, run: Any, step: str) -> None:
    """The workflow is told after the row has changed, and says soon that it stands there."""
    handle = stage.client.get_workflow_handle(run.workflow_id)
    async with asyncio.timeout(PATIENCE):
        while (await handle.query("state"))["step"] != step:  # noqa: ASYNC110 - the workflow is another party
            await asyncio.sleep(0.02)


async def by_hand(stage: Theatre, run_id: str, what: What, to: str | None = None) -> None:
    doing = Interventions(stage.database, stage.services.wake, stage.clock, Shelf(), "UTC")
    await doing.intervene(run_id, what, "mia", to=to)
    await stage.settle()


async def test_v2_a_shortened_wait_wakes_the_workflow_and_a_lengthened_one_lets_it_sleep_on(stage: Theatre) -> None:
    await stage.shop.publish(waiting("2d", MAIL, LAST))
    await enter(stage)
    await stage.shop.publish(waiting("4d", MAIL, LAST), wish=Wish("now"))
    await stage.settle()
    await stage.pass_time(days=3)
    assert stage.subjects == []
    await stage.shop.publish(waiting("1d", MAIL, LAST), wish=Wish("now"))
    await stage.settle()
    assert stage.subjects == ["Hello Ann"]
    run = await stage.run()
    assert (run.version, run.step) == (3, "last")


async def test_v2_whoever_is_inside_goes_by_the_map_and_back_and_is_mailed_once(stage: Theatre) -> None:
    await stage.shop.publish(waiting("9d", MAIL, LAST))
    await enter(stage, *CROWD)
    await stage.pass_time(days=1)
    new = journey(steps=[{"id": "short", "wait": {"for": "2d"}}, MAIL, {"id": "rest", "wait": {"for": "9d"}}])
    seen = await stage.shop.publish(new, wish=Wish("now", {"pause": "short", "last": "rest"}))
    assert [(one.step, one.runs, one.to) for one in seen.becoming] == [("pause", 8, "short")]
    await stage.settle()
    assert {(run.version, run.step) for run in await stage.shop.runs()} == {(2, "short")}
    await stage.pass_time(days=1, seconds=1)
    assert len(stage.mails) == 8
    await stage.shop.rollouts.roll_back("cart", "test")
    await stage.settle()
    assert {(run.version, run.step) for run in await stage.shop.runs()} == {(1, "last")}
    await stage.pass_time(days=31)
    runs = await stage.shop.runs()
    assert (len(stage.mails), {run.outcome for run in runs}) == (8, {"completed"})
    assert [await stage.client.get_workflow_handle(run.workflow_id).result() for run in runs] == ["completed"] * 8


async def test_v2_exit_ends_the_workflows(stage: Theatre) -> None:
    await stage.shop.publish(waiting("9d"))
    await enter(stage, "ann", "bob")
    await stage.shop.publish(waiting("8d"), wish=Wish("exit"))
    await stage.settle()
    for run in await stage.shop.runs():
        assert await stage.client.get_workflow_handle(run.workflow_id).result() == "exited"


async def test_v2_at_the_next_step_the_temporal_ui_finds_the_run_by_its_new_version(stage: Theatre) -> None:
    await stage.shop.publish(waiting("2d", LAST))
    await enter(stage)
    await stage.shop.publish(waiting("1d", LAST), wish=Wish("next_step"))
    await stage.settle()
    await stage.pass_time(days=2, seconds=1)
    run = await stage.run()
    assert (run.version, run.step) == (2, "last")
    description = await stage.client.get_workflow_handle(run.workflow_id).describe()
    assert [pair.value for pair in description.typed_search_attributes if pair.key.name == "JourneyVersion"] == [2]


async def test_v4_what_comes_due_in_a_pause_goes_on_in_place_once_the_journey_does(stage: Theatre) -> None:
    await stage.shop.publish(waiting("1d", MAIL, LAST))
    await enter(stage)
    await stage.shop.pausing.pause("cart")
    await stage.pass_time(days=3)
    assert stage.subjects == []
    await stage.shop.pausing.resume("cart", None, "test")
    await stage.settle()
    assert (stage.subjects, (await stage.run()).step) == (["Hello Ann"], "last")


async def test_v4_a_pause_longer_than_a_look_holds_on(stage: Theatre) -> None:
    """Now and then a held run looks by itself, should the word that its journey goes on be lost."""
    await stage.shop.publish(waiting("1d", MAIL, LAST))
    await enter(stage)
    await stage.shop.pausing.pause("cart")
    await stage.pass_time(days=20)
    assert stage.subjects == []
    await stage.shop.pausing.resume("cart", None, "test")
    await stage.settle()
    assert stage.subjects == ["Hello Ann"]


async def test_v4_an_event_in_a_pause_counts_and_takes_effect_afterwards(stage: Theatre) -> None:
    wait = {"id": "pause", "wait_for": {"event": "Product Viewed", "timeout": "9d", "next": "mail"}}
    await stage.shop.publish(journey(steps=[wait, {"id": "no", "end": "no"}, MAIL, LAST]))
    await enter(stage)
    await stage.shop.pausing.pause("cart")
    await stage.accept(incoming("Product Viewed", at=stage.clock.at))
    await stage.pass_time(days=2)
    assert stage.subjects == []
    await stage.shop.pausing.resume("cart", None, "test")
    await stage.settle()
    assert stage.subjects == ["Hello Ann"]


@pytest.mark.parametrize(
    ("what", "to", "outcome", "step", "mails"),
    [
        ("skip", None, None, "last", 1),
        ("retry", None, None, "pause", 0),
        ("move", "last", None, "last", 0),
        ("exit", None, "exited", None, 0),
    ],
)
async def test_what_is_done_by_hand_reaches_the_workflow(
    stage: Theatre, what: What, to: str | None, outcome: str | None, step: str | None, mails: int
) -> None:
    await stage.shop.publish(waiting("5d", MAIL, LAST))
    await enter(stage)
    run = await stage.run()
    await by_hand(stage, run.id, what, to)
    run = await stage.run()
    assert (run.outcome, len(stage.mails)) == (outcome, mails)
    if step is not None:
        assert run.step == step
        await until_at(stage, run, step)
    await stage.pass_time(days=40)
    assert (await stage.client.get_workflow_handle(run.workflow_id).result()) == (outcome or "completed")
    assert len(stage.mails) == (1 if what in {"skip", "retry"} else 0)
