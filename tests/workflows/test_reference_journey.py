"""The reference journey: a cart, three reminders, and what it may cost."""

from typing import Any

from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

NOT_BOUGHT = {"not": {"event": "Order Completed", "within": "7d"}}


def reference_journey() -> dict[str, Any]:
    """Cart → 30 min → still not bought? mail → 1 day → still not? mail → 2 days → still not? mail → end."""
    steps: list[dict[str, Any]] = []
    for number, span in enumerate(("30m", "1d", "2d"), start=1):
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


async def test_the_reference_journey_keeps_its_budget(stage: Theatre) -> None:
    await stage.shop.introduce()
    await stage.shop.publish(reference_journey())
    await stage.accept(incoming("Product Added", at=stage.clock.at, cart_id="c1"))
    await stage.pass_time(days=4)
    run = await stage.run()
    assert (run.state, run.outcome) == ("ended", "completed")
    assert stage.subjects == ["Hello Ann"] * 3
    history = await stage.history("journey/cart-abandonment/ann/c1")
    names = [event.WhichOneof("attributes") for event in history.events]
    actions = sum(name in BILLABLE for name in names)
    size = sum(event.ByteSize() for event in history.events)
    assert len(names) <= 40
    assert actions <= 9
    assert size <= 7 * 1024


BILLABLE = {
    "workflow_execution_started_event_attributes",
    "timer_started_event_attributes",
    "activity_task_scheduled_event_attributes",
    "marker_recorded_event_attributes",
    "upsert_workflow_search_attributes_event_attributes",
    "workflow_execution_signaled_event_attributes",
}
