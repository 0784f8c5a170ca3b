"""What lint finds, and what it leaves alone."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.language.contact import ContactPolicy
from journeyman.language.lint import lint, lint_together
from journeyman.language.pressure import WEEK, bounded, earliest, most_messages
from tests.builders import definition

GOAL = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}
EXIT = {"on": "event", "event": "Order Completed"}


def mail(step: str, **parts: Any) -> dict[str, Any]:
    return {"id": step, "send": {"channel": "email", "template": "hello"}, **parts}


def wait(step: str, length: str) -> dict[str, Any]:
    return {"id": step, "wait": {"for": length}}


def codes(*steps: dict[str, Any], **parts: Any) -> list[str]:
    return [finding.code for finding in lint(definition(steps=list(steps), goals=[GOAL], exit=[EXIT], **parts))]


def test_a_plain_journey_has_nothing_to_find() -> None:
    assert codes(wait("pause", "1h"), mail("remind"), wait("day", "1d"), mail("again")) == []


def test_a_step_that_none_leads_to() -> None:
    (finding,) = lint(definition(steps=[mail("one", next="end"), mail("two")], goals=[GOAL], exit=[EXIT]))
    assert (finding.code, finding.pointer, finding.journey) == ("unreachable-step", "/steps/1", "cart")


def test_a_way_that_is_never_taken() -> None:
    vip = {"attribute": "vip", "equals": True}
    branch = {"id": "b", "branch": [{"when": vip, "next": "one"}, {"when": vip, "next": "two"}]}
    assert codes(branch, mail("one"), mail("two")) == ["dead-way"]


def test_a_goal_that_keeps_its_customers_and_none_at_all() -> None:
    kept = definition(steps=[mail("one")], goals=[GOAL])
    assert [finding.code for finding in lint(kept)] == ["no-exit-on-goal"]
    assert [finding.code for finding in lint(definition(steps=[mail("one")]))] == ["no-goal"]


def test_a_goal_that_nothing_can_begin() -> None:
    goal = {**GOAL, "anchor": "click"}
    (finding,) = lint(definition(goals=[goal], exit=[EXIT]))
    assert (finding.code, finding.pointer) == ("goal-out-of-reach", "/goals/0/anchor")


def test_a_message_after_every_goals_window() -> None:
    assert codes(mail("one"), wait("long", "8d"), mail("late")) == ["after-goals"]


def test_transactional_mail_in_a_marketing_journey() -> None:
    step = mail("one")
    step["send"]["topic"] = "transactional"
    assert codes(step) == ["no-consent-asked"]
    assert codes(step, topic="transactional") == []


def test_a_loop_that_nothing_ends() -> None:
    steps = [wait("week", "8d"), mail("news", next="week")]
    assert "endless" in [finding.code for finding in lint(definition(steps=steps, goals=[GOAL]))]
    assert "endless" not in codes(*steps)


@pytest.mark.parametrize(
    ("steps", "most"),
    [
        ([mail("one")], 1),
        ([mail("one"), wait("day", "1d"), mail("two"), wait("week", "7d"), mail("three")], 2),
        ([mail("one"), wait("a", "3d"), mail("two"), wait("b", "3d"), mail("three"), wait("c", "1d"), mail("four")], 4),
        ([mail("one"), wait("day", "1d"), {"id": "back", "repeat": {"to": "one", "max": 3}}], 4),
        ([mail("one"), wait("day", "1d"), {"id": "back", "repeat": {"to": "one", "max": 30}}], 8),
        ([mail("one"), {"id": "nine", "wait": {"until": "09:00"}, "next": "one"}], 9),
        (
            [
                {"id": "w", "wait_for": {"event": "Product Viewed", "timeout": "6d", "on_timeout": "slow"}},
                mail("fast", next="end"),
                mail("slow"),
                wait("hour", "1h"),
                mail("slower"),
            ],
            2,
        ),
    ],
)
def test_the_most_messages_in_a_week(steps: list[dict[str, Any]], most: int) -> None:
    assert most_messages(definition(steps=steps), WEEK) == most


def test_how_soon_each_step_can_come() -> None:
    found = earliest(definition(steps=[wait("a", "2d"), mail("one"), wait("b", "3 calendar days"), mail("two")]))
    assert found == {
        "a": timedelta(0),
        "one": timedelta(days=2),
        "b": timedelta(days=2),
        "two": timedelta(days=4),
    }


def test_journeys_are_looked_at_together() -> None:
    daily = [mail("m1"), wait("d1", "1d"), mail("m2"), wait("d2", "1d"), mail("m3"), wait("d3", "1d"), mail("m4")]
    both = [definition(key, steps=daily, goals=[GOAL], exit=[EXIT]) for key in ("one", "two")]
    found = lint_together(both)
    assert [finding.code for finding in found] == ["many-together", "same-start"]
    assert "up to 8 messages in a week (one 4, two 4)" in found[0].detail
    assert lint_together(both[:1]) == []


@pytest.mark.parametrize(
    ("cap", "most"),
    [
        ({"max": 3, "per": "7d"}, 3),
        ({"max": 1, "per": "1d"}, 7),
        ({"max": 1, "per": "1 calendar day"}, 8),
        ({"max": 2, "per": "30d"}, 2),
        ({"max": 1, "per": "7d", "channel": "email"}, 1),
        ({"max": 1, "per": "7d", "topic": "news"}, 8),
        ({"max": 1, "per": "7d", "points": {"email": 5}}, 8),
    ],
)
def test_caps_bound_what_a_customer_gets(cap: dict[str, Any], most: int) -> None:
    assert bounded(8, ContactPolicy.model_validate({"caps": [cap]}).caps) == most


def test_the_caps_of_a_journey_and_of_the_workspace_are_heeded() -> None:
    steps = [mail(f"mail-{number}") for number in range(6)]
    plain = definition(steps=steps, goals=[GOAL], exit=[EXIT])
    capped = definition(steps=steps, goals=[GOAL], exit=[EXIT], caps=[{"max": 2, "per": "7d"}])
    policy = ContactPolicy.model_validate({"caps": [{"max": 3, "per": "7d"}]})
    assert [one.code for one in lint(plain)] == ["many-messages"]
    assert (lint(capped), lint(plain, policy)) == ([], [])
    twice = [plain, definition("other", entry={"on": "api"}, steps=steps, goals=[GOAL], exit=[EXIT])]
    assert "many-together" in {one.code for one in lint_together(twice)}
    assert lint_together(twice, policy) == []


@pytest.mark.parametrize(("length", "most"), [("1h", 169), ("1d", 8), ("8d", 1)])
def test_a_loop_with_a_short_wait_is_counted_to_the_end_of_the_week(length: str, most: int) -> None:
    vip = {"attribute": "vip", "equals": True}
    back = {"id": "again", "branch": [{"when": vip, "next": "end"}], "else": "one"}
    assert most_messages(definition(steps=[mail("one"), wait("pause", length), back]), WEEK) == most


def test_a_loop_of_seconds_is_looked_at_as_far_as_is_worth_it() -> None:
    steps = [mail("one"), wait("pause", "1s"), {"id": "again", "branch": [], "else": "one"}]
    steps[-1]["branch"] = [{"when": {"attribute": "vip", "equals": True}, "next": "end"}]
    assert most_messages(definition(steps=steps), WEEK) > 1000
