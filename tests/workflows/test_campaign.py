"""Campaigns with the real engine: at their rate, steered while they go on, begun by schedules, and nobody twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from journeyman.insight.health.schedules import look_at_schedules
from journeyman.journeys.campaigns.campaigns import Campaigns, Wanted
from journeyman.journeys.campaigns.repository import Campaign
from journeyman.journeys.campaigns.scheduling import ScheduleKeeper
from tests.builders import incoming
from tests.workflows.theatre import Theatre
from workflows.campaign import CampaignWorkflow
from workflows.fleet import sandbox

STEPS = [{"id": "stay", "wait": {"for": "300d"}}]


def journey(**entry: Any) -> dict[str, Any]:
    return {"journey": "news", "entry": entry, "steps": STEPS}


def campaigns(stage: Theatre) -> Campaigns:
    return Campaigns(stage.database, stage.services.wake, stage.clock)


async def people(stage: Theatre, number: int) -> None:
    at = stage.clock.now()
    await stage.shop.accept(
        *(incoming("Identified", f"u{one:05}", kind="identify", at=at, traits={"n": one}) for one in range(number))
    )


async def begin(stage: Theatre, **given: Any) -> Campaign:
    asked = {"segment": None, "when": None, "context": {}, "rate": None, "batch": None, **given}
    begun = await campaigns(stage).begin("news", Wanted(**asked), "test", None)
    await stage.work.dispatch.tell(None)
    return begun


async def until(stage: Theatre, campaign: str, state: str, offered: int = 0) -> Campaign:
    """The campaign, once it is so far: intake and dispatch are kept at work meanwhile."""
    async with asyncio.timeout(30):
        while True:
            await stage.shop.decide()
            await stage.work.dispatch.tell(None)
            found = await campaigns(stage).find(campaign)
            if found.state == state and found.offered >= offered:
                await stage.shop.decide()
                return await campaigns(stage).find(campaign)
            await asyncio.sleep(0.02)


async def test_a_campaign_without_a_rate_goes_as_fast_as_can_be(stage: Theatre) -> None:
    await people(stage, 120)
    await stage.shop.publish(journey(on="api"))
    begun = await begin(stage, batch=50)
    found = await until(stage, begun.id, "done")
    assert (found.offered, found.pages, found.entered) == (120, 3, 120)
    handle = stage.client.get_workflow_handle(found.workflow_id)
    assert await handle.result() == "done, 120 of 120 customers offered an entry"
    history = await handle.fetch_history()
    assert "u00001" not in history.to_json(), "it holds no customer"
    replayer = Replayer(workflows=[CampaignWorkflow], workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history)


async def test_a_rate_is_kept_to_a_hundredth(stage: Theatre) -> None:
    await people(stage, 300)
    await stage.shop.publish(journey(on="api"))
    await stage.tick()
    start = stage.clock.now()
    begun = await begin(stage, rate="6 per 1m")
    for minutes in (5, 10, 20):
        await stage.env.sleep(start + timedelta(minutes=minutes) - await stage.env.get_current_time())
        found = await campaigns(stage).find(begun.id)
        assert abs(found.offered - 6 * minutes) <= max(1, 0.02 * 6 * minutes), minutes
    await stage.env.sleep(timedelta(minutes=31))
    found = await until(stage, begun.id, "done")
    assert found.offered == 300


async def test_a_campaign_is_steered_over_the_api_and_from_the_engines_pages(stage: Theatre) -> None:
    await people(stage, 60)
    await stage.shop.publish(journey(on="api"))
    begun = await begin(stage, rate="1 per 10s")
    await stage.env.sleep(timedelta(seconds=95))
    await campaigns(stage).turn(begun.id, "paused", "ann")
    await stage.work.dispatch.tell(None)
    await stage.env.sleep(timedelta(hours=1))
    found = await campaigns(stage).find(begun.id)
    assert 9 <= found.offered <= 11
    handle = stage.client.get_workflow_handle(begun.workflow_id)
    await handle.signal(CampaignWorkflow.resume)
    await until(stage, begun.id, "under_way")
    await stage.env.sleep(timedelta(seconds=105))
    resumed = await campaigns(stage).find(begun.id)
    assert 19 <= resumed.offered <= 23, "what was paused is not made good for"
    await handle.signal(CampaignWorkflow.cancel)
    await until(stage, begun.id, "cancelled")
    assert "cancelled" in await handle.result()


async def test_a_campaign_cancelled_in_the_engine_is_cancelled(stage: Theatre) -> None:
    await people(stage, 60)
    await stage.shop.publish(journey(on="api"))
    begun = await begin(stage, rate="1 per 10s")
    handle = stage.client.get_workflow_handle(begun.workflow_id)
    await until(stage, begun.id, "under_way", offered=1)
    await handle.cancel()
    await until(stage, begun.id, "cancelled")
    async with asyncio.timeout(10):
        while (await handle.describe()).status is not WorkflowExecutionStatus.CANCELED:  # noqa: ASYNC110 - another party
            await asyncio.sleep(0.02)


async def test_a_long_campaign_continues_as_new(real_stage: Theatre) -> None:
    await people(real_stage, 100)
    await real_stage.shop.publish(journey(on="api"))
    begun = await begin(real_stage, batch=5)
    found = await until(real_stage, begun.id, "done")
    assert (found.offered, found.pages, found.entered) == (100, 21, 100)
    executions = [one async for one in real_stage.client.list_workflows(f"WorkflowId = '{begun.workflow_id}'")]
    assert len(await real_stage.shop.runs()) == 100
    assert len(executions) != 1


async def test_a_schedule_fires_and_follows_its_journey(real_stage: Theatre) -> None:
    stage = real_stage
    await people(stage, 10)
    stage.clock.at = datetime.now(UTC)
    once = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    await stage.shop.publish(journey(on="schedule", once=once.isoformat()))
    await stage.work.dispatch.tell(None)
    described = await stage.client.get_schedule_handle("schedule/news").describe()
    assert described.info.next_action_times == [once]
    health = await look_at_schedules(stage.database, stage.clock.at, stage.runner, "UTC")
    assert [(one.level.value, one.detail) for one in health] == [("ok", "1 schedule in Temporal")]
    stage.clock.at = once
    async with asyncio.timeout(30):
        while not (found := (await campaigns(stage).page("news", None, 2)).items):  # noqa: ASYNC110 - another party
            await asyncio.sleep(0.1)
    done = await until(stage, found[0].id, "done")
    assert (done.kind, done.scheduled_at, done.entered) == ("schedule", once, 10)
    await stage.shop.publish(journey(on="schedule", cron="0 9 * * 1"))
    await stage.work.dispatch.tell(None)
    described = await stage.client.get_schedule_handle("schedule/news").describe()
    assert {at.weekday() for at in described.info.next_action_times} == {0}
    assert described.schedule.state.note == "news: the cron **0 9 * * 1**"
    await stage.client.get_schedule_handle("schedule/news").delete()
    async with asyncio.timeout(20):
        while await stage.runner.standing("schedule/news") is not None:  # noqa: ASYNC110 - another party
            await asyncio.sleep(0.1)
    (missing,) = await look_at_schedules(stage.database, stage.clock.at, stage.runner, "UTC")
    assert missing.detail == "1 journey has no schedule in Temporal: news"
    await ScheduleKeeper(stage.database, stage.clock, "UTC").step()
    await stage.work.dispatch.tell(None)
    assert await stage.runner.standing("schedule/news") == ("running", None)
    await stage.shop.stop("news")
    await stage.work.dispatch.tell(None)
    async with asyncio.timeout(20):
        while [1 async for one in await stage.client.list_schedules() if one.id == "schedule/news"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
