"""What is another in a version than in one before, in words."""

from typing import Any

import pytest

from journeyman.language.differences import differences
from tests.builders import definition

PAUSE: dict[str, Any] = {"id": "pause", "wait": {"for": "2d"}}
MAIL: dict[str, Any] = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
LAST: dict[str, Any] = {"id": "last", "wait_for": {"event": "Order Completed", "timeout": "1d"}}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([PAUSE, MAIL], [PAUSE, MAIL], []),
        ([PAUSE], [{"id": "pause", "wait": {"for": "1d"}}], ["Step `pause` waits 1 day instead of 2 days"]),
        (
            [LAST],
            [{**LAST, "wait_for": {**LAST["wait_for"], "timeout": "90m"}}],
            ["Step `last` waits 90 minutes at most instead of 1 day"],
        ),
        (
            [MAIL],
            [{**MAIL, "send": {**MAIL["send"], "template": "bye"}}],
            ["Step `mail` sends the template `bye` instead of `hello`"],
        ),
        ([MAIL], [{**MAIL, "send": {**MAIL["send"], "topic": "news"}}], ["Step `mail` has `send.topic`: news"]),
        (
            [{**MAIL, "send": {**MAIL["send"], "topic": "news"}}],
            [MAIL],
            ["Step `mail` has no `send.topic` any more: news"],
        ),
        (
            [PAUSE],
            [PAUSE, MAIL],
            [
                "Step `mail` is new: a `send`",
                "Behind step `pause` comes `mail` instead of the end",
            ],
        ),
        (
            [PAUSE, MAIL],
            [PAUSE],
            [
                "Step `mail` is gone: a `send`",
                "Behind step `pause` comes the end instead of `mail`",
            ],
        ),
        ([PAUSE], [{"id": "pause", "emit": {"event": "Paused"}}], ["Step `pause` is an `emit` instead of a `wait`"]),
        (
            [PAUSE, MAIL],
            [MAIL, PAUSE],
            [
                "Behind step `mail` comes `pause` instead of the end",
                "Behind step `pause` comes the end instead of `mail`",
            ],
        ),
    ],
)
def test_steps_are_told_one_by_one(before: list[Any], after: list[Any], said: list[str]) -> None:
    assert differences(definition(steps=before), definition(steps=after)) == said


def test_what_starts_ends_and_counts_is_told_too() -> None:
    bought = {"on": "event", "event": "Order Completed"}
    goal = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}
    before = definition(exit=[bought], steps=[PAUSE])
    after = definition(entry={"on": "event", "event": "Product Viewed"}, goals=[goal], steps=[PAUSE])
    said = differences(before, after)
    assert "The journey has `entry.event`: Product Viewed instead of Product Added" in said
    assert [line.split(":")[0] for line in said if line.startswith("A")] == ["An exit rule is gone", "A goal is new"]
    assert all(len(line) < 200 for line in said)
