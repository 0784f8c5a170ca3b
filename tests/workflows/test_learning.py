"""The workflow of learning with the real engine: night after night, and at once when it is asked to."""

import asyncio
from datetime import datetime, timedelta

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from journeyman.intelligence.registry import repository
from journeyman.intelligence.registry.repository import Model
from journeyman.journeys.learning.learner import Learnt
from journeyman.journeys.learning.learning import WORKFLOW, Models
from tests.journeyman.journeys.learning.test_learning import CARD, Coin, trained
from tests.workflows.theatre import Theatre
from workflows.fleet import sandbox
from workflows.learning import LearningWorkflow


class Broken(Coin):
    async def learn(self, now: datetime, current: Model | None) -> Learnt:
        await super().learn(now, current)
        raise RuntimeError("no memory left")


async def until(wanted: int, coin: Coin) -> None:
    """Wait until it has learnt so often."""
    async with asyncio.timeout(20):
        while len(coin.at) < wanted:
            await coin.learnt.wait()
            coin.learnt.clear()


async def test_models_are_learnt_every_night_and_when_somebody_asks(stage: Theatre) -> None:
    await stage.tick()
    coin, other = Coin("coin", trained(0.5)), Coin("other")
    stage.work.learning.learners = {"coin": coin, "other": other}
    await stage.runner.learn()
    await stage.env.sleep(timedelta(days=3))
    await until(3, coin)
    await until(3, other)
    assert {at.hour for at in coin.at} == {3}
    assert len(coin.at) == 3
    await Models(stage.database, stage.clock, {"coin": CARD}).ask("coin")
    await stage.settle()
    await until(4, coin)
    async with stage.database.reading() as connection:
        assert [one.version for one in await repository.versions(connection, "coin")] == [1]
    handle = stage.client.get_workflow_handle(WORKFLOW)
    history = (await handle.fetch_history()).to_json()
    replayer = Replayer(workflows=[LearningWorkflow], workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(WorkflowHistory.from_json(WORKFLOW, history))
    await handle.terminate()


async def test_a_model_that_is_broken_keeps_no_other_from_its_night(stage: Theatre) -> None:
    await stage.tick()
    broken, other = Broken("broken"), Coin("other")
    stage.work.learning.learners = {"broken": broken, "other": other}
    await stage.runner.learn()
    await stage.env.sleep(timedelta(days=2))
    await until(2, other)
    assert len(broken.at) == 2
    async with stage.database.reading() as connection:
        look = (await repository.looks(connection))["broken"]
    assert (look.words, look.enough) == ("could not be learnt: RuntimeError", False)
    await stage.client.get_workflow_handle(WORKFLOW).terminate()
