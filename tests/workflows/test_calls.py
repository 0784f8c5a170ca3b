"""`call` on the production workflow: on a queue of its own, outside of any transaction (M5)."""

from typing import Any

from journeyman.channels.webhooks.calling import HttpCalls
from tests.builders import incoming, journey
from tests.parts.other_system import OtherSystem, says
from tests.workflows.theatre import Theatre

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}


async def enter(stage: Theatre, crm: OtherSystem, *before: dict[str, Any]) -> Any:
    stage.work.calling.http = HttpCalls(allows_private=True)
    await stage.shop.introduce()
    asked = {"id": "ask", "call": {"url": f"{crm.url}/leads", "as": "lead", "attempts": 2}}
    await stage.shop.publish(journey(steps=[*before, asked, MAIL, {"id": "over", "end": "over"}]))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    return await stage.run()


async def test_a_call_and_the_mail_after_it(stage: Theatre) -> None:
    async with OtherSystem() as crm:
        crm.script.append(says(200, {"score": 7}))
        run = await enter(stage, crm, {"id": "pause", "wait": {"for": "1h"}})
        assert crm.calls == []
        await stage.pass_time(hours=1, seconds=1)
    run = await stage.run()
    assert (run.outcome, run.context["lead"], stage.subjects) == ("over", {"score": 7}, ["Hello Ann"])
    history = await stage.history(run.workflow_id)
    queues = [
        event.activity_task_scheduled_event_attributes.task_queue.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert queues == ["t-calls", "t"]


async def test_m5_the_engine_makes_a_call_again(stage: Theatre) -> None:
    async with OtherSystem() as crm:
        crm.script.extend([says(503), says(200, {"score": 8})])
        run = await enter(stage, crm)
        assert len(crm.calls) == 2
    assert (run.outcome, run.context["lead"]) == ("over", {"score": 8})
