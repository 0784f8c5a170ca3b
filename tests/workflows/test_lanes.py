"""Channels with a task queue of their own: their pace is kept by the engine, and one that is slow holds up no other."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from journeyman.channels.queues import UNLIMITED
from journeyman.kit.database import Database
from tests.builders import incoming, journey
from tests.conftest import sqlite_url
from tests.workflows.theatre import Theatre, theatre

PAUSE = {"id": "pause", "wait": {"for": "1h"}}
MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
RECEIPT = {"id": "receipt", "send": {"channel": "email", "template": "hello", "topic": "transactional"}}
OVER = {"id": "over", "end": "over"}


@pytest.fixture
async def laned(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Theatre]:
    """The workspace with a task queue for e-mail."""
    async with theatre(Database(sqlite_url(sqlite_template, tmp_path)), {"email": UNLIMITED}) as opened:
        yield opened


async def played(stage: Theatre, *steps: dict[str, Any]) -> list[tuple[str, int, str]]:
    """The run goes to its end; the task queue, priority and fairness key of each of its activities."""
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=[*steps, OVER]))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    await stage.pass_time(hours=1, seconds=1)
    run = await stage.run()
    assert run.outcome == "over"
    history = await stage.history(run.workflow_id)
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    return [(one.task_queue.name, one.priority.priority_key, one.priority.fairness_key) for one in scheduled]


async def test_messages_go_by_the_queue_of_their_channel_urgent_ones_first(laned: Theatre) -> None:
    assert await played(laned, MAIL, PAUSE, RECEIPT) == [("t-email", 0, "marketing"), ("t-email", 1, "transactional")]
    assert laned.subjects == ["Hello Ann", "Hello Ann"]


async def test_a_run_that_began_before_the_channel_had_a_queue_is_sent_there(laned: Theatre) -> None:
    laned.runner.lanes = {}
    assert await played(laned, PAUSE, MAIL) == [("t", 0, ""), ("t-email", 0, "marketing")]
    assert laned.subjects == ["Hello Ann"]


async def test_without_queues_of_their_own_messages_ride_on_the_queue_of_the_run(stage: Theatre) -> None:
    assert await played(stage, PAUSE, MAIL) == [("t", 0, "")]
