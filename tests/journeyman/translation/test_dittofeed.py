"""Journeys of Dittofeed become drafts that the language takes."""

from typing import Any

from journeyman.language.validation import parse
from journeyman.translation.dittofeed import translate
from journeyman.translation.report import Translation

ENTRY = {"type": "SegmentEntryNode", "segment": "s1", "child": "a", "reEnter": True}
NAMES = {"s1": "Left a cart", "t1": "Reminder", "s2": "Buyers"}


def translated(*nodes: dict[str, Any], entry: dict[str, Any] | None = None) -> Translation:
    definition = {"entryNode": entry or ENTRY, "exitNode": {"type": "ExitNode"}, "nodes": list(nodes)}
    (one,) = translate({"name": "Cart", "definition": definition}, "file", NAMES)
    parse(one.journey)
    return one


def message(node: str, child: str = "ExitNode", **more: Any) -> dict[str, Any]:
    return {
        "type": "MessageNode",
        "id": node,
        "variant": {"type": "Email", "templateId": "t1"},
        "child": child,
        **more,
    }


def delay(node: str, variant: dict[str, Any], child: str) -> dict[str, Any]:
    return {"type": "DelayNode", "id": node, "variant": variant, "child": child}


def test_entry_delay_and_message() -> None:
    one = translated(delay("a", {"type": "Second", "seconds": 1800}, "b"), message("b"))
    assert one.journey["entry"] == {"on": "segment", "segment": "left-a-cart", "reentry": "always"}
    assert one.journey["steps"] == [
        {"id": "wait", "wait": {"for": "30m"}},
        {"id": "reminder", "send": {"channel": "email", "template": "reminder", "on_error": "exit"}},
    ]


def test_a_message_that_may_fail_goes_on() -> None:
    one = translated(message("a", skipOnFailure=True))
    assert "on_error" not in one.journey["steps"][0]["send"]


def test_a_local_time_with_weekdays() -> None:
    variant = {"type": "LocalTime", "hour": 9, "minute": 5, "allowedDaysOfWeek": [1, 2]}
    one = translated(delay("a", variant, "b"), message("b"))
    assert one.journey["steps"][0]["wait"] == {"until": {"time": "09:05", "weekday": ["monday", "tuesday"]}}


def test_an_offset_before_a_user_property() -> None:
    variant = {"type": "UserProperty", "userProperty": "p1", "offsetSeconds": 86400, "offsetDirection": "before"}
    one = translated(delay("a", variant, "b"), message("b"))
    assert one.journey["steps"][0]["wait"] == {"until": {"attribute": "p1", "offset": "-1d"}}
    assert any(line.outcome == "fill in" and "p1" in line.detail for line in one.lines)


def test_a_split_and_a_wait_lead_where_they_led() -> None:
    waiting = {
        "type": "WaitForNode",
        "id": "a",
        "timeoutSeconds": 3600,
        "timeoutChild": "b",
        "segmentChildren": [{"id": "ExitNode", "segmentId": "s2"}],
    }
    variant = {"type": "Boolean", "segment": "s2", "trueChild": "ExitNode", "falseChild": "c"}
    one = translated(waiting, {"type": "SegmentSplitNode", "id": "b", "variant": variant}, message("c"))
    first, second, third = one.journey["steps"]
    assert first["wait_for"]["branches"] == [{"segment": "buyers", "next": "end"}]
    assert (first["wait_for"]["timeout"], first["wait_for"]["on_timeout"]) == ("1h", second["id"])
    assert second["branch"] == [{"when": {"segment": "buyers"}, "next": "end"}]
    assert second["else"] == third["id"]


def test_a_random_cohort_is_a_split() -> None:
    children = [{"id": "b", "percent": 30, "name": "One"}, {"id": "ExitNode", "percent": 70, "name": "Two"}]
    one = translated({"type": "RandomCohortNode", "id": "a", "children": children}, message("b"))
    arms = one.journey["steps"][0]["split"]["arms"]
    assert [(arm["key"], arm["weight"], arm["next"]) for arm in arms] == [("one", 30, "reminder"), ("two", 70, "end")]


def test_a_message_by_sms_is_left_out_and_said() -> None:
    one = translated(message("a", "b", variant={"type": "Sms", "templateId": "t1"}), message("b"))
    assert [step["id"] for step in one.journey["steps"]] == ["reminder"]
    assert [(line.node, line.outcome) for line in one.lines if line.outcome == "left out"] == [("a", "left out")]
