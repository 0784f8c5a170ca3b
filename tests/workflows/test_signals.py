"""Signals on the real server: they wake, they are never lost, and they decide nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from journeyman.journeys.ports import EngineCommand
from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre
from workflows.inputs import CustomerEvent
from workflows.journey import JourneyWorkflow

LONG = {"id": "long", "wait": {"for": "45d"}}
VIEW = {"id": "view", "wait_for": {"event": "Product Viewed", "timeout": "7d"}}
ORDER = {"on": "event", "event": "Order Completed"}


@pytest.fixture
def stage(real_stage: Theatre) -> Theatre:
    return real_stage


async def enter(stage: Theatre, user: str, *steps: dict[str, Any], **parts: Any) -> str:
    """A customer enters; the workflow's id."""
    await stage.shop.publish(journey(steps=list(steps), **parts))
    await stage.accept(incoming("Product Added", user, at=stage.clock.at))
    return f"journey/cart/{user}"


async def test_a_service_may_signal_a_run_directly_and_query_it(stage: Theatre) -> None:
    workflow_id = await enter(stage, "direct", LONG, exit=[ORDER])
    handle = stage.client.get_workflow_handle_for(JourneyWorkflow.run, workflow_id)
    state = await handle.query(JourneyWorkflow.state)
    assert (state.step, state.customer, state.outcome) == ("long", "direct", None)
    await handle.signal(JourneyWorkflow.customer_event, CustomerEvent(event="Order Completed", id="o-1"))
    await _accepted(stage, "o-1")
    await stage.settle()
    assert await handle.result() == "exited"


async def _accepted(stage: Theatre, message_id: str) -> None:
    """Wait until the workflow has put the event into the inbox."""
    from journeyman.customers import repository as customers  # noqa: PLC0415 - only here

    async with asyncio.timeout(10):
        while True:
            async with stage.database.reading() as connection:
                waiting = await customers.take_inbox(connection, None, 10)
            if message_id in {row.message_id for row in waiting}:
                return
            await asyncio.sleep(0.01)


async def test_events_release_a_loop_of_waits_across_continue_as_new(stage: Theatre) -> None:
    """Thirty events, one after the other, in a run whose history is closed and begun anew every few of them."""
    workflow_id = await enter(
        stage, "loop", VIEW, {"id": "note", "update": {"attributes": {"seen": True}}, "next": "view"}
    )
    for _ in range(30):
        await stage.accept(incoming("Product Viewed", "loop", at=stage.clock.at))
    left = [entry for entry in await stage.shop.journal() if entry.kind == "left" and entry.step == "view"]
    assert len(left) == 30
    chain = [run async for run in stage.client.list_workflows(f"WorkflowId = '{workflow_id}'")]
    assert len(chain) > 1
    assert [run.state for run in await stage.shop.runs()] == ["live"]


async def test_a_signal_for_a_workflow_that_is_over_changes_nothing(stage: Theatre) -> None:
    workflow_id = await enter(stage, "over", {"id": "stop", "end": "done"})
    payload = {"run_id": (await stage.run()).id, "visit": 1, "event": "Order Completed", "outcome": "exited"}
    await stage.runner.tell(EngineCommand("signal", "run", workflow_id, payload))
    assert (await stage.run()).outcome == "done"


async def test_every_command_may_be_told_twice(stage: Theatre) -> None:
    """A crash after telling and before forgetting tells again: one workflow, one mail, one exit."""
    await stage.shop.introduce("twice")
    mail = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
    await stage.shop.publish(journey(steps=[mail, VIEW], exit=[ORDER]))
    await stage.tick()
    await stage.shop.accept(incoming("Product Added", "twice", at=stage.clock.at))
    ((kind, payload),) = await stage.shop.outbox()
    run = await stage.run()
    command = EngineCommand(kind, run.id, run.workflow_id, payload)
    await stage.runner.tell(command)
    await stage.runner.tell(command)
    await stage.settle()
    await stage.accept(incoming("Order Completed", "twice", at=stage.clock.at + timedelta(milliseconds=1)))
    assert len(stage.mails) == 1
    assert [found.outcome for found in await stage.shop.runs()] == ["exited"]


async def test_e4_a_restart_keeps_the_workflow_id_and_begins_from_the_top(stage: Theatre) -> None:
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    workflow_id = await enter(stage, "again", LONG, entry=entry)
    await stage.accept(incoming("Product Added", "again", at=stage.clock.at))
    old, new = await stage.shop.runs()
    handle = stage.client.get_workflow_handle_for(JourneyWorkflow.run, workflow_id)
    async with asyncio.timeout(10):
        while (await handle.query(JourneyWorkflow.state)).run_id != new.id:  # noqa: ASYNC110 - the server's time
            await asyncio.sleep(0.02)
    assert (old.outcome, new.state, new.workflow_id) == ("restarted", "live", workflow_id)


async def test_a_run_that_ends_and_enters_again_waits_for_the_closing_workflow(stage: Theatre) -> None:
    """The same customer leaves and comes back at once: the second run starts when the first workflow has closed."""
    await enter(stage, "back", LONG, exit=[ORDER])
    now = stage.clock.at
    await stage.accept(
        incoming("Order Completed", "back", at=now + timedelta(milliseconds=1)),
        incoming("Product Added", "back", at=now + timedelta(milliseconds=2)),
    )
    first, second = await stage.shop.runs()
    assert (first.outcome, second.state) == ("exited", "live")
    handle = stage.client.get_workflow_handle_for(JourneyWorkflow.run, second.workflow_id)
    assert (await handle.query(JourneyWorkflow.state)).run_id == second.id


async def test_people_can_read_a_run_in_the_temporal_ui(stage: Theatre) -> None:
    workflow_id = await enter(stage, "shown", {**VIEW, "name": "Waits for a look"}, name="Cart abandonment")
    description = await stage.client.get_workflow_handle(workflow_id).describe()
    assert await description.static_summary() == "Cart abandonment v1"
    found = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    assert found["JourneyKey"] == "cart"
    assert found["CustomerId"] == "shown"
    assert found["JourneyStep"] == "view"
    history = await _history_with_timer(stage, workflow_id)
    texts = [event.user_metadata.summary.data.decode() for event in history.events if event.HasField("user_metadata")]
    assert any("view: waits for Product Viewed" in text for text in texts)
    assert not any("@" in text for text in texts)


async def _history_with_timer(stage: Theatre, workflow_id: str) -> WorkflowHistory:
    """The history, once the workflow has begun to wait."""
    async with asyncio.timeout(10):
        while True:
            history = await stage.history(workflow_id)
            if any(event.HasField("timer_started_event_attributes") for event in history.events):
                return history
            await asyncio.sleep(0.01)


async def test_a_new_number_of_partitions_ends_the_workflows_of_the_old(stage: Theatre) -> None:
    async def tended() -> list[str]:
        running = "WorkflowType = 'IntakeWorkflow' AND ExecutionStatus = 'Running'"
        return sorted([execution.id async for execution in stage.client.list_workflows(running)])

    async def until(expected: list[str]) -> None:
        async with asyncio.timeout(10):
            while await tended() != expected:  # noqa: ASYNC110 - the server lists what it has indexed
                await asyncio.sleep(0.05)

    await stage.runner.tend(2)
    await until(["intake/0-of-2", "intake/1-of-2"])
    await stage.runner.tend(1)
    await until(["intake/0-of-1"])
