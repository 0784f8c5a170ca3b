"""What the engine tells of itself, and runs and workflows that have lost each other."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from journeyman.insight.health.findings import Finding
from journeyman.insight.health.health import Health
from journeyman.insight.health.runs import look_at_runs
from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

T = TypeVar("T")

LONG = {"id": "long", "wait": {"for": "45d"}}
LATER = timedelta(minutes=2)
"""What happened two minutes ago is no matter of a moment any more."""


@pytest.fixture
def stage(real_stage: Theatre) -> Theatre:
    return real_stage


async def enter(stage: Theatre, user: str) -> str:
    await stage.shop.publish(journey(steps=[LONG]))
    await stage.accept(incoming("Product Added", user, at=stage.clock.at))
    return f"journey/cart/{user}"


async def findings(stage: Theatre) -> list[Finding]:
    return await look_at_runs(stage.database, stage.clock.at + LATER, stage.runner)


async def until(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """What is seen, as soon as it is so: the engine's lists lag behind what it knows."""
    async with asyncio.timeout(15):
        while True:
            found = await look()
            if holds(found):
                return found
            await asyncio.sleep(0.05)


async def test_the_engine_tells_of_its_workers_and_what_it_lacks(stage: Theatre) -> None:
    health = await until(stage.runner.health, lambda health: all(health.pollers.values()))
    assert (health.reachable, list(health.lacks)) == (True, [])
    queue = stage.settings.task_queue
    assert list(health.pollers) == [f"{queue} (workflows)", f"{queue} (activities)", f"{queue}-calls (activities)"]


async def test_runs_and_workflows_agree(stage: Theatre) -> None:
    workflow_id = await enter(stage, "sound")
    found = await until(lambda: findings(stage), lambda found: all(one.level == "ok" for one in found))
    assert "runs and workflows agree" in [one.detail for one in found]
    assert await until(lambda: stage.runner.running(100), bool) == [workflow_id]


async def test_a_run_whose_workflow_is_lost_is_told_and_started_again(stage: Theatre) -> None:
    workflow_id = await enter(stage, "lost")
    await stage.client.get_workflow_handle(workflow_id).terminate("as if Temporal's database was lost")
    run = await stage.run()
    (lost,) = [one for one in await findings(stage) if one.level == "fail"]
    assert (lost.area, run.id in lost.detail, "--restart-lost" in lost.mend) == ("runs", True, True)
    stage.clock.at += LATER
    health = Health(stage.settings, stage.database, stage.clock, stage.runner, {})
    assert [one.detail for one in await health.restart_lost()] == ["1 workflow is being started again"]
    await stage.work.dispatch.tell(None)
    assert (await stage.runner.standing(workflow_id) or ("", None))[0] == "running"
    assert not [one for one in await findings(stage) if one.level == "fail"]


async def test_a_workflow_without_a_run_is_told(stage: Theatre) -> None:
    workflow_id = await enter(stage, "orphan")
    async with stage.database.transaction() as connection:
        from sqlalchemy import text  # noqa: PLC0415 - only here the database is made wrong

        await connection.execute(text("DELETE FROM runs"))
    found = await until(lambda: findings(stage), lambda found: any(one.level == "warn" for one in found))
    (orphan,) = [one for one in found if one.level == "warn"]
    assert workflow_id in orphan.detail
    await stage.client.get_workflow_handle(workflow_id).terminate("cleaned up")
