"""The reference journey: a cart, three reminders, and what it may cost."""

from typing import Any

from temporalio.client import WorkflowHistory

from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre


def reference_journey(*spans: str) -> dict[str, Any]:
    """Cart → 30 min → still not bought? mail → 1 day → still not? mail → 2 days → still not? mail → end."""
    steps: list[dict[str, Any]] = []
    for number, span in enumerate(spans or ("30m", "1d", "2d"), start=1):
        steps += [
            {"id": f"wait-{number}", "wait": {"for": span}},
            {
                "id": f"check-{number}",
                "branch": [{"when": {"event": "Order Completed", "within": "7d"}, "next": "end"}],
                "else": f"mail-{number}",
            },
            {"id": f"mail-{number}", "send": {"channel": "email", "template": f"mail-{number}"}},
        ]
    return journey(
        "cart-abandonment",
        name="Cart abandonment",
        entry={"on": "event", "event": "Product Added", "correlate": "cart_id"},
        exit=[
            {
                "on": "event",
                "event": "Order Completed",
                "where": {"property": "cart_id", "equals": {"entry": "cart_id"}},
            }
        ],
        steps=steps,
    )


BILLABLE = {
    "workflow_execution_started_event_attributes",
    "timer_started_event_attributes",
    "activity_task_scheduled_event_attributes",
    "marker_recorded_event_attributes",
    "upsert_workflow_search_attributes_event_attributes",
    "workflow_execution_signaled_event_attributes",
}
"""Events that Temporal Cloud counts as actions."""


async def play(stage: Theatre, document: dict[str, Any]) -> str:
    """Ann puts something into her cart; the workflow's id."""
    await stage.shop.introduce()
    await stage.shop.publish(document)
    await stage.accept(incoming("Product Added", at=stage.clock.at, cart_id="c1"))
    return "journey/cart-abandonment/ann/c1"


def keeps_its_budget(history: WorkflowHistory) -> bool:
    names = [event.WhichOneof("attributes") for event in history.events]
    actions = sum(name in BILLABLE for name in names)
    size = sum(event.ByteSize() for event in history.events)
    assert len(names) <= 38
    assert actions <= 7
    assert size <= 5.4 * 1024
    return len(names) > 30


async def test_the_reference_journey_keeps_its_budget(stage: Theatre) -> None:
    workflow_id = await play(stage, reference_journey())
    await stage.pass_time(days=4)
    run = await stage.run()
    assert (run.state, run.outcome) == ("ended", "completed")
    assert stage.subjects == ["Hello Ann"] * 3
    assert keeps_its_budget(await stage.history(workflow_id))


async def test_the_reference_journey_keeps_its_budget_on_the_real_server(real_stage: Theatre) -> None:
    """The same steps; only the waits are shorter, for this server's time cannot be skipped."""
    workflow_id = await play(real_stage, reference_journey("1s", "1s", "1s"))
    await real_stage.client.get_workflow_handle(workflow_id).result()
    assert real_stage.subjects == ["Hello Ann"] * 3
    assert keeps_its_budget(await real_stage.history(workflow_id))


async def test_the_step_is_searchable_at_every_wait_where_that_is_wanted(stage: Theatre) -> None:
    stage.runner.searchable_steps = True
    workflow_id = await play(stage, reference_journey())
    await stage.pass_time(days=4)
    changes = [
        event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields["JourneyStep"].data
        for event in (await stage.history(workflow_id)).events
        if event.HasField("upsert_workflow_search_attributes_event_attributes")
    ]
    assert changes == [b'"wait-2"', b'"wait-3"']
