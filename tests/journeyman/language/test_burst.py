"""What has to be known before a run goes on: enough for every step it may come to, and no more."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.language.needs import Needs
from journeyman.language.references import burst_needs
from tests.builders import definition

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
PAUSE = {"id": "pause", "wait": {"for": "1h"}}
BOUGHT = {"event": "Order Completed", "within": "7d"}
CHECK = {"id": "check", "branch": [{"when": BOUGHT, "next": "end"}]}
BOUGHT_NEEDS = Needs(tallied={"Order Completed": timedelta(days=7)})


def needs_behind(*steps: dict[str, Any], **parts: Any) -> Needs:
    """What is needed to go on from the first of these steps; behind them stands a check of orders."""
    return burst_needs(definition(steps=[*steps, CHECK], **parts), [steps[0]["id"]])


@pytest.mark.parametrize(
    "step",
    [PAUSE, {"id": "view", "wait_for": {"event": "Product Viewed", "timeout": "1d"}}, {"id": "stop", "end": "done"}],
)
def test_nothing_is_needed_behind_a_step_that_is_not_passed_at_once(step: dict[str, Any]) -> None:
    assert needs_behind(step) == Needs()


@pytest.mark.parametrize(
    "step",
    [
        {"id": "update", "update": {"attributes": {"seen": True}}},
        {"id": "date", "wait": {"until": {"attribute": "birthday"}}},
        {"id": "tell", "wait_for": {"when": {"attribute": "vip", "equals": True}, "timeout": "1d"}},
    ],
)
def test_what_may_be_passed_at_once_is_looked_behind(step: dict[str, Any]) -> None:
    assert needs_behind(step).events == BOUGHT_NEEDS.events


def test_an_event_that_counts_from_before_is_needed_on_arrival() -> None:
    view = {"id": "view", "wait_for": {"event": "Product Viewed", "timeout": "1d", "since": "entry"}}
    assert needs_behind(view).events == {"Product Viewed": None, **BOUGHT_NEEDS.events}


def test_a_message_needs_consent_and_the_audience_and_what_stands_behind_its_refusal() -> None:
    audience = {"event": "Signed Up", "within": "30d"}
    found = needs_behind(MAIL, entry={"on": "event", "event": "Product Added", "audience": audience})
    assert found.consents
    assert found.event_names == {"Signed Up", "Order Completed"}


def test_a_loop_is_walked_once() -> None:
    back = {"id": "back", "update": {"attributes": {"seen": True}}, "next": "pause"}
    assert burst_needs(definition(steps=[PAUSE, CHECK, back]), ["check"]) == BOUGHT_NEEDS
