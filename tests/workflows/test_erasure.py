"""L3 with the real engine: runs end in mid-wait, sends are stopped, and no history is left that could be read."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from temporalio.service import RPCError

from journeyman.bootstrap import digest_key_of
from journeyman.channels.tables import Message
from journeyman.customers.erasure.receipts import Receipt
from journeyman.journeys.erasing import Erasing
from journeyman.kit.wake import wake_for
from tests.builders import incoming, journey
from tests.journeyman.journeys.erasure.traces import where
from tests.parts.smtp import SILENT
from tests.workflows.theatre import Theatre

LONG = {"id": "long", "wait": {"for": "45d"}}
MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
ORDER = {"on": "event", "event": "Order Completed"}


@pytest.fixture
def stage(real_stage: Theatre) -> Theatre:
    return real_stage


@pytest.fixture
async def erasing(stage: Theatre) -> AsyncIterator[Erasing]:
    wake = wake_for(stage.database)
    yield Erasing(stage.database, wake, stage.clock, digest_key_of(stage.settings))
    await wake.close()


async def done(stage: Theatre, erasing: Erasing, erasure_id: str) -> Receipt:
    """The receipt, once the workflow has seen the erasure through."""
    async with asyncio.timeout(20):
        while (receipt := await erasing.receipt(erasure_id)).state != "done":
            await stage.tick()
            await stage.work.dispatch.tell(None)
            await asyncio.sleep(0.05)
    await stage.client.get_workflow_handle(f"erasure/{erasure_id}").result()
    return receipt


async def histories(stage: Theatre) -> dict[str, str]:
    """Every history on this stage's queue, as the engine lists them, as text."""
    found = {}
    async for execution in stage.client.list_workflows(f"TaskQueue = '{stage.settings.task_queue}'"):
        handle = stage.client.get_workflow_handle(execution.id, run_id=execution.run_id)
        found[f"{execution.id}@{execution.run_id}"] = (await handle.fetch_history()).to_json()
    return found


async def test_l3_a_run_in_mid_wait_ends_and_every_history_of_hers_is_gone(stage: Theatre, erasing: Erasing) -> None:
    await stage.shop.publish(journey(steps=[LONG], exit=[ORDER]))
    for user in ("anna", "otto"):
        await stage.shop.introduce(user)
        await stage.accept(incoming("Product Added", user, at=stage.clock.at))
    await stage.accept(incoming("Order Completed", "anna", at=stage.clock.at))
    await stage.client.get_workflow_handle("journey/cart/anna").result()
    first = (await stage.client.get_workflow_handle("journey/cart/anna").describe()).run_id
    await stage.accept(incoming("Product Added", "anna", at=stage.clock.at))
    receipt = await erasing.request("anna", "test")
    runs = {run.entered_at: run for run in await stage.shop.runs() if run.customer_id == "anna"}
    assert [run.outcome for run in runs.values()] == ["exited", "erased"]
    receipt = await done(stage, erasing, receipt.id)
    assert receipt.counts["histories"] == 2
    async with asyncio.timeout(10):
        while any("anna" in text for text in (await histories(stage)).values()):  # noqa: ASYNC110 - the server's lists
            await asyncio.sleep(0.05)
    for run_id in (None, first):
        with pytest.raises(RPCError, match="not found"):
            await stage.client.get_workflow_handle("journey/cart/anna", run_id=run_id).describe()
    assert await where(stage.database, ["anna"]) == {}
    assert {key.split("@")[0] for key in await histories(stage)} == {"journey/cart/otto", f"erasure/{receipt.id}"}
    assert (await stage.client.get_workflow_handle("journey/cart/otto").describe()).close_time is None


async def test_l3_a_mail_that_is_being_handed_over_is_waited_for(stage: Theatre, erasing: Erasing) -> None:
    await stage.shop.publish(journey(steps=[MAIL, LONG]))
    await stage.shop.introduce("berta")
    stage.smtp.script("END", SILENT)
    await stage.tick()
    await stage.shop.accept(incoming("Product Added", "berta", at=stage.clock.at))
    await stage.work.dispatch.tell(None)
    await _until_in_flight(stage)
    receipt = await erasing.request("berta", "test")
    await stage.work.dispatch.tell(None)
    async with asyncio.timeout(10):
        while (await erasing.receipt(receipt.id)).state != "running":  # noqa: ASYNC110 - the workers are another party
            await asyncio.sleep(0.02)
    assert "messages" in await where(stage.database, ["berta@example.com"])
    stage.smtp.drop_all()
    await done(stage, erasing, receipt.id)
    async with stage.database.reading() as connection:
        (message,) = (await connection.execute(select(Message.address, Message.in_flight, Message.outcome))).all()
    assert (message.address, message.in_flight) == (None, False)
    assert await where(stage.database, ["berta"]) == {}


async def test_l3_a_mail_that_is_due_finds_the_run_over(stage: Theatre, erasing: Erasing) -> None:
    await stage.shop.publish(journey(steps=[{"id": "pause", "wait": {"for": "2s"}}, MAIL]))
    await stage.shop.introduce("carla")
    await stage.accept(incoming("Product Added", "carla", at=stage.clock.at))
    # The workflow is not told: it wakes by its own timer, and asks for the mail.
    receipt = await erasing.request("carla", "test")
    await asyncio.wait_for(stage.client.get_workflow_handle("journey/cart/carla").result(), 15)
    assert stage.mails == []
    await done(stage, erasing, receipt.id)
    assert await where(stage.database, ["carla"]) == {}


async def _until_in_flight(stage: Theatre) -> None:
    async with asyncio.timeout(10):
        while True:
            async with stage.database.reading() as connection:
                if (await connection.execute(select(Message.id).where(Message.in_flight.is_(True)))).first():
                    return
            await asyncio.sleep(0.02)
