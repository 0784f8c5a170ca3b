"""Campaigns of Mautic become drafts that the language takes."""

from typing import Any

import pytest

from journeyman.kit.errors import InvalidError
from journeyman.language.validation import parse
from journeyman.translation.mautic import translate
from journeyman.translation.report import Translation


def event(number: int, kind: str, event_type: str = "action", **more: Any) -> dict[str, Any]:
    return {"id": number, "campaign_id": 7, "name": f"Event {number}", "type": kind, "event_type": event_type, **more}


def export(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "campaign": [{"id": 7, "name": "Nurture: Spring"}],
            "campaign_event": list(events),
            "lists": [{"id": 3, "name": "New leads"}, {"id": 4, "name": "Callers"}],
            "email": [{"id": 11, "name": "Hello"}, {"id": 12, "name": "Once more"}],
            "dependencies": [{"lists": [{"campaign": 7, "lists": 3}]}],
        }
    ]


def translated(*events: dict[str, Any]) -> Translation:
    (one,) = translate(export(*events), "file", {})
    parse(one.journey)
    return one


def mail(number: int, email: int, **more: Any) -> dict[str, Any]:
    return event(number, "email.send", properties={"email": email}, channel="email", channel_id=email, **more)


LATER = {"trigger_mode": "interval", "trigger_interval": 2, "trigger_interval_unit": "d"}


def test_a_campaign_starts_with_its_list_and_sends() -> None:
    one = translated(mail(1, 11), mail(2, 12, parent_id=1, **LATER))
    assert one.journey["journey"] == "nurture-spring"
    assert one.journey["entry"] == {"on": "segment", "segment": "new-leads", "reentry": "never"}
    assert one.journey["steps"] == [
        {"id": "event-1", "send": {"channel": "email", "template": "hello"}},
        {"id": "wait", "wait": {"for": "2d"}},
        {"id": "event-2", "send": {"channel": "email", "template": "once-more"}},
    ]


def test_an_opened_mail_is_waited_for_as_long_as_the_other_way_is_delayed() -> None:
    one = translated(
        mail(1, 11),
        event(2, "email.open", "decision", parent_id=1),
        event(3, "lead.changelist", parent_id=2, decisionPath="yes", properties={"addToLists": [4]}),
        mail(4, 12, parent_id=2, decisionPath="no", **LATER),
    )
    steps = {step["id"]: step for step in one.journey["steps"]}
    assert steps["event-2"]["wait_for"] == {
        "branches": [{"message": "event-1", "status": "opened", "next": "event-3"}],
        "timeout": "2d",
        "on_timeout": "event-4",
    }
    assert steps["event-3"] == {"id": "event-3", "update": {"segments": {"add": ["callers"]}}, "next": "end"}


def test_a_condition_becomes_a_branch() -> None:
    asked = {"field": "country", "operator": "=", "value": "Latvia"}
    one = translated(
        event(1, "lead.field_value", "condition", properties=asked),
        mail(2, 11, parent_id=1, decisionPath="yes"),
        mail(3, 12, parent_id=1, decisionPath="no"),
    )
    assert one.journey["steps"][0] == {
        "id": "event-1",
        "branch": [{"when": {"attribute": "country", "equals": "Latvia"}, "next": "event-2"}],
        "else": "event-3",
    }


def test_what_stands_side_by_side_comes_in_the_order_of_its_delays() -> None:
    one = translated(mail(2, 12, **LATER), mail(1, 11))
    assert [step["id"] for step in one.journey["steps"]] == ["event-1", "wait", "event-2"]
    assert ("Event 2", "changed") in {(line.node, line.outcome) for line in one.lines}


def test_what_does_not_translate_is_said() -> None:
    one = translated(event(1, "stage.change"), mail(2, 11, parent_id=1), event(3, "lead.dnd", "decision", parent_id=2))
    outcomes = {(line.kind, line.outcome) for line in one.lines}
    assert {("stage.change", "left out"), ("lead.dnd", "fill in")} <= outcomes


def test_a_file_without_a_campaign_is_refused() -> None:
    with pytest.raises(InvalidError, match="no campaign of Mautic"):
        list(translate({"flows": []}, "file", {}))


def test_the_delay_behind_a_condition_is_kept_on_either_way() -> None:
    asked = {"field": "country", "operator": "=", "value": "Latvia"}
    one = translated(
        event(1, "lead.field_value", "condition", properties=asked),
        mail(2, 11, parent_id=1, decisionPath="no", **LATER),
    )
    assert {"for": "2d"} in [step.get("wait") for step in one.journey["steps"]]


def test_a_decision_asks_about_the_mail_that_it_hangs_on() -> None:
    one = translated(mail(1, 11), mail(2, 12, parent_id=1), event(3, "email.open", "decision", parent_id=1))
    one_more = translated(
        mail(1, 11),
        mail(2, 12, parent_id=1),
        event(3, "email.open", "decision", parent_id=1),
        event(4, "lead.changelist", parent_id=3, decisionPath="yes", properties={"addToLists": [4]}),
    )
    for found in (one, one_more):
        (waiting,) = [step["wait_for"] for step in found.journey["steps"] if "wait_for" in step]
        assert waiting["branches"][0]["message"] == "event-1"


def test_a_list_that_a_step_fills_does_not_start_the_campaign() -> None:
    one_export = export(event(1, "lead.changelist", properties={"addToLists": [4]}))
    one_export[0]["lists"].reverse()
    (one,) = translate(one_export, "file", {})
    assert one.journey["entry"]["segment"] == "new-leads"


def test_two_things_for_who_does_not_decide_come_at_their_own_times() -> None:
    week = {"trigger_mode": "interval", "trigger_interval": 7, "trigger_interval_unit": "d"}
    one = translated(
        mail(1, 11),
        event(2, "email.click", "decision", parent_id=1),
        mail(3, 12, parent_id=2, decisionPath="no", **LATER),
        mail(4, 11, parent_id=2, decisionPath="no", **week),
    )
    (waiting,) = [step["wait_for"] for step in one.journey["steps"] if "wait_for" in step]
    assert waiting["timeout"] == "2d"
    assert [step["wait"] for step in one.journey["steps"] if "wait" in step] == [{"for": "5d"}]


def test_hours_of_its_own_are_said() -> None:
    one = translated(mail(1, 11, trigger_hour="09:00:00", **LATER))
    assert ("email.send", "fill in") in {(line.kind, line.outcome) for line in one.lines}
