"""An experiment with the real engine: begun by the publication, judged every day, decided, and ended once."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import insert
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from journeyman.journeys.experiments import repository
from journeyman.journeys.experiments.assignment import Experiment
from journeyman.journeys.experiments.tables import SplitAssignment
from journeyman.journeys.tables import Conversion
from tests.journeyman.journeys.experiments.documents import experiment
from tests.workflows.theatre import Theatre
from workflows.experiment import ExperimentWorkflow
from workflows.fleet import sandbox

WORKFLOW = "experiment/cart/offer"
RULE = {"metric": "order", "after": "3d", "minimum": 100}


async def only(stage: Theatre) -> Experiment:
    async with stage.database.reading() as connection:
        (found,) = await repository.of_journey(connection, "cart")
    return found


async def crowd(stage: Theatre, one: Experiment, start: datetime, **bought: int) -> None:
    """600 customers for each arm, one every quarter of an hour, of whom so many buy within a day."""
    drawn, orders = [], []
    for arm, number in bought.items():
        for place in range(600):
            customer, at = f"{arm}{place}", start + timedelta(minutes=15 * place)
            names = {"run_id": f"run_{customer}", "customer_id": customer}
            drawn.append(
                {**names, "experiment_id": one.id, "arm": arm, "how": "drawn", "propensity": 0.5, "phase": 1, "at": at}
            )
            if place < number:
                more = {"journey_key": "cart", "version": 1, "value": 1.0, "credited": []}
                reached = {"goal": "order", "message_id": customer, "at": at + timedelta(hours=20)}
                orders.append({**names, **more, **reached})
    async with stage.database.transaction() as connection:
        await connection.execute(insert(SplitAssignment), drawn)
        await connection.execute(insert(Conversion), orders)


async def status(stage: Theatre) -> WorkflowExecutionStatus | None:
    return (await stage.client.get_workflow_handle(WORKFLOW).describe()).status


async def test_o4_the_engine_judges_every_day_until_an_arm_has_won(stage: Theatre) -> None:
    await stage.tick()
    await stage.shop.publish(experiment(split={"winner": RULE}))
    await stage.settle()
    await crowd(stage, await only(stage), stage.clock.at, a=60, b=130)
    await stage.pass_time(days=9)
    found = await only(stage)
    assert found.state == "running"
    assert found.judged is not None
    assert found.judged["reason"] == "first_week"
    assert await status(stage) is WorkflowExecutionStatus.RUNNING
    await stage.env.sleep(timedelta(days=3))
    async with asyncio.timeout(20):
        assert await stage.client.get_workflow_handle(WORKFLOW).result() == "won: b"
    assert (await only(stage)).winner == "b"
    history = (await stage.client.get_workflow_handle(WORKFLOW).fetch_history()).to_json()
    assert '"a1"' not in history
    replayer = Replayer(
        workflows=[ExperimentWorkflow], workflow_runner=sandbox(), data_converter=pydantic_data_converter
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(WORKFLOW, history))


async def test_stopping_the_journey_ends_its_experiment_and_publishing_goes_on(stage: Theatre) -> None:
    await stage.tick()
    document = experiment(split={"bandit": {"metric": "order", "after": "1d"}})
    await stage.shop.publish(document)
    await stage.settle()
    await stage.shop.stop("cart")
    await stage.settle()
    async with asyncio.timeout(20):
        assert await stage.client.get_workflow_handle(WORKFLOW).result() == "there is nothing to judge"
    await stage.shop.publish(document)
    await stage.settle()
    assert await status(stage) is WorkflowExecutionStatus.RUNNING
    await stage.pass_time(hours=3)
    found = await only(stage)
    assert (found.state, found.shares) == ("running", {"a": 0.5, "b": 0.5})
