"""`task`, `enter` and `throttle` on the production workflow: what releases them wakes the run at once."""

from typing import Any

from journeyman.journeys.tasks.repository import Wanted
from journeyman.journeys.tasks.tasks import Tasks
from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
PHONE = {"id": "phone", "task": {"title": "Call her", "timeout": "3d", "on_timeout": "exit"}}


async def enter(stage: Theatre, *steps: dict[str, Any]) -> None:
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=list(steps)))
    await stage.accept(incoming("Product Added", at=stage.clock.at))


async def run_of(stage: Theatre, key: str = "cart") -> Any:
    (run,) = [run for run in await stage.shop.runs() if run.journey_key == key]
    return run


async def test_an_answer_wakes_the_run_and_the_mail_goes(stage: Theatre) -> None:
    await enter(stage, PHONE, MAIL)
    await stage.pass_time(hours=5)
    tasks = Tasks(stage.database, stage.services.wake, stage.clock)
    (task,) = (await tasks.page(Wanted(), None, 10)).items
    await tasks.complete(task.id, "done", None, "mia")
    await stage.settle()
    run = await run_of(stage)
    assert (run.outcome, stage.subjects) == ("completed", ["Hello Ann"])
    assert await stage.client.get_workflow_handle(run.workflow_id).result() == "completed"


async def test_without_an_answer_the_timer_fires(stage: Theatre) -> None:
    await enter(stage, PHONE, MAIL)
    await stage.pass_time(days=3, seconds=1)
    assert ((await run_of(stage)).outcome, stage.mails) == ("exited", [])


async def test_the_end_of_the_other_run_wakes_the_one_that_waits(stage: Theatre) -> None:
    pause = {"id": "pause", "wait": {"for": "1h"}}
    await stage.shop.publish(journey("other", entry={"on": "api"}, steps=[pause, {"id": "won", "end": "won"}]))
    into = {"id": "into", "enter": {"journey": "other", "wait": {"timeout": "30d"}, "on": {"won": "mail"}}}
    await enter(stage, into, {"id": "over", "end": "over"}, MAIL)
    await stage.pass_time(hours=1, seconds=1)
    await stage.settle()
    assert ((await run_of(stage, "other")).outcome, (await run_of(stage)).outcome) == ("won", "completed")
    assert stage.subjects == ["Hello Ann"]


async def test_who_has_no_place_goes_on_in_the_next_period(stage: Theatre) -> None:
    await enter(stage, {"id": "door", "throttle": {"max": 1, "per": "1h"}}, MAIL)
    await stage.accept(incoming("Product Added", "bob", at=stage.clock.at))
    assert sorted(run.state for run in await stage.shop.runs()) == ["ended", "live"]
    await stage.pass_time(hours=1, seconds=1)
    assert [run.state for run in await stage.shop.runs()] == ["ended", "ended"]
