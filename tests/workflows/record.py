"""Records the histories in `tests/histories`: `python -m tests.workflows.record VERSION`.

A new version of the workflow code adds a folder; a recorded history is never changed, for runs that began on that
code are still out there.
"""

import asyncio
import contextlib
import re
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowContinuedAsNewError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from journeyman.bootstrap import digest_key_of
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.channels.webhooks.posting import WebhookPost
from journeyman.journeys.erasing import Erasing
from journeyman.journeys.migration.planning import Wish
from journeyman.journeys.pushing.webhooks import SegmentWebhooks
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.database import Database
from journeyman.kit.migrations import upgrade
from journeyman.kit.wake import wake_for
from tests.builders import incoming, journey
from tests.journeyman.journeys.experiments.documents import experiment
from tests.parts.other_system import OtherSystem
from tests.parts.smtp import SmtpServer
from tests.parts.temporal import TemporalServer
from tests.parts.webhook_receiver import WebhookReceiver
from tests.workflows.test_campaign import begin, campaigns, people, until
from tests.workflows.test_confirmation import ask
from tests.workflows.test_own_activities import at_work, ended
from tests.workflows.test_own_activities import step as own_step
from tests.workflows.test_reference_journey import reference_journey
from tests.workflows.theatre import Theatre, theatre
from workflows.campaign import CampaignWorkflow
from workflows.inputs import CustomerEvent
from workflows.journey import JourneyWorkflow

SECRET = b"a secret of thirty-two characters"
HISTORIES = Path(__file__).parents[1] / "histories"
ORDER = {"on": "event", "event": "Order Completed"}
VIEW = {"id": "view", "wait_for": {"event": "Product Viewed", "timeout": "7d"}}
NOTE = {"id": "note", "update": {"attributes": {"seen": True}}, "next": "view"}
LONG = {"id": "long", "wait": {"for": "45d"}}


def database(folder: str, name: str) -> Database:
    url = f"sqlite+aiosqlite:///{folder}/{name}.db"
    upgrade(url)
    return Database(url)


async def enter(stage: Theatre, document: dict[str, Any]) -> str:
    await stage.shop.introduce()
    await stage.shop.publish(document)
    await stage.accept(incoming("Product Added", at=stage.clock.at, cart_id="c1"))
    return str((await stage.run()).workflow_id)


async def reference(stage: Theatre) -> str:
    workflow_id = await enter(stage, reference_journey())
    await stage.pass_time(days=4)
    return workflow_id


async def exited(stage: Theatre) -> str:
    workflow_id = await enter(stage, journey(steps=[LONG], exit=[ORDER]))
    await stage.pass_time(days=1)
    await stage.accept(incoming("Order Completed", at=stage.clock.at))
    return workflow_id


async def released(stage: Theatre) -> str:
    workflow_id = await enter(stage, journey(steps=[VIEW, {"id": "pause", "wait": {"for": "1h"}}]))
    await stage.accept(incoming("Product Viewed", at=stage.clock.at + timedelta(seconds=1)))
    await stage.pass_time(hours=2)
    return workflow_id


async def confirmation(stage: Theatre) -> str:
    handle = await ask(stage)
    await handle.result()
    return str(handle.id)


async def restarted(stage: Theatre) -> str:
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    workflow_id = await enter(stage, journey(entry=entry, steps=[LONG]))
    handle = stage.client.get_workflow_handle(workflow_id)
    first = (await handle.describe()).run_id
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    with contextlib.suppress(WorkflowContinuedAsNewError):
        await stage.client.get_workflow_handle(workflow_id, run_id=first).result(follow_runs=False)
    return f"{workflow_id} {first}"


async def direct(stage: Theatre) -> str:
    workflow_id = await enter(stage, journey(steps=[LONG], exit=[ORDER]))
    handle = stage.client.get_workflow_handle_for(JourneyWorkflow.run, workflow_id)
    await handle.signal(JourneyWorkflow.customer_event, CustomerEvent(event="Order Completed", id="o-1"))
    async with asyncio.timeout(10):
        while (await stage.run()).state == "live":
            await stage.settle()
    await handle.result()
    return workflow_id


async def continued(stage: Theatre) -> str:
    workflow_id = await enter(stage, journey(steps=[VIEW, NOTE]))
    first = (await stage.client.get_workflow_handle(workflow_id).describe()).run_id
    for _ in range(8):
        await stage.accept(incoming("Product Viewed", at=stage.clock.at))
    return f"{workflow_id} {first}"


async def called(stage: Theatre) -> str:
    stage.work.calling.http = HttpCalls(allows_private=True)
    async with OtherSystem() as crm:
        ask = {"id": "ask", "call": {"url": f"{crm.url}/leads", "as": "lead"}}
        workflow_id = await enter(stage, journey(steps=[{"id": "pause", "wait": {"for": "1h"}}, ask]))
        await stage.pass_time(hours=2)
    return workflow_id


async def performed(stage: Theatre) -> str:
    async with at_work(stage.client):
        steps = [own_step("ScoreLead"), own_step("Forbidden", id="again"), {"id": "broken", "end": "broken"}]
        workflow_id = await enter(stage, journey(steps=steps))
        await ended(stage)
    return workflow_id


async def cancelled(stage: Theatre) -> str:
    async with at_work(stage.client):
        own = own_step("Patient", heartbeat="5s")
        workflow_id = await enter(stage, journey(steps=[own, {"id": "broken", "end": "broken"}], exit=[ORDER]))
        await stage.accept(incoming("Order Completed", at=stage.clock.at))
        await stage.client.get_workflow_handle(workflow_id).result()
    return workflow_id


async def judged(stage: Theatre) -> str:
    await stage.tick()
    document = experiment(split={"bandit": {"metric": "order", "after": "1d"}})
    await stage.shop.publish(document)
    await stage.settle()
    await stage.pass_time(hours=3)
    await stage.shop.stop("cart")
    await stage.settle()
    await stage.client.get_workflow_handle("experiment/cart/offer").result()
    return "experiment/cart/offer"


async def campaign(stage: Theatre) -> str:
    """At a rate, paused by the API, resumed from the engine's pages, and done."""
    await people(stage, 20)
    await stage.shop.publish(journey("news", entry={"on": "api"}, steps=[LONG]))
    begun = await begin(stage, rate="2 per 1m")
    await stage.env.sleep(timedelta(minutes=5))
    await campaigns(stage).turn(begun.id, "paused", "record")
    await stage.work.dispatch.tell(None)
    await stage.env.sleep(timedelta(minutes=5))
    handle = stage.client.get_workflow_handle(begun.workflow_id)
    await handle.signal(CampaignWorkflow.resume)
    await until(stage, begun.id, "under_way")
    await stage.env.sleep(timedelta(minutes=10))
    await handle.result()
    return begun.workflow_id


async def migrated(stage: Theatre) -> str:
    """To another version now, to the next at its next step, held by a pause, and on."""
    workflow_id = await enter(stage, journey(steps=[LONG, {"id": "last", "wait": {"for": "5d"}}]))
    for span, inside in (("40d", "now"), ("10d", "now"), ("9d", "next_step")):
        steps = [{**LONG, "wait": {"for": span}}, {"id": "last", "wait": {"for": span}}]
        await stage.shop.publish(journey(steps=steps), wish=Wish(inside))
        await stage.settle()
    await stage.pass_time(days=11)
    await stage.shop.pausing.pause("cart")
    await stage.pass_time(days=15)
    await stage.shop.pausing.resume("cart", None, "record")
    await stage.settle()
    await stage.client.get_workflow_handle(workflow_id).result()
    return workflow_id


async def migration(stage: Theatre) -> str:
    """The workflow that goes through the runs, one page after another."""
    await enter(stage, journey(steps=[LONG]))
    made = await stage.shop.publish(journey(steps=[{**LONG, "wait": {"for": "1d"}}]), wish=Wish("now"))
    await stage.settle()
    workflow_id = f"migration/cart/{made.migration}/100"
    await stage.client.get_workflow_handle(workflow_id).result()
    return workflow_id


async def pushed(stage: Theatre) -> str:
    """Refused at first, and taken at last."""
    stage.work.push_delivery.post = post = WebhookPost(stage.clock, allows_private=True)
    segments, wake = Segments(stage.database, stage.clock), stage.services.wake
    await stage.shop.introduce()
    await segments.put("vip", {"name": "VIP"})
    await segments.set_by_hand("vip", ["ann"], [])
    webhooks = SegmentWebhooks(stage.database, wake, stage.clock, SECRET, allows_private=True)
    async with WebhookReceiver() as receiver:
        receiver.script.append("503 Later")
        await webhooks.put("vip", receiver.url(), ["email"])
        push = await webhooks.push("vip", "record")
        await stage.tick()
        await stage.work.dispatch.tell(None)
        await stage.env.sleep(timedelta(hours=1))
        await stage.client.get_workflow_handle(f"segment-push/{push.id}").result()
    await post.close()
    return f"segment-push/{push.id}"


async def erasure(stage: Theatre) -> str:
    await stage.shop.introduce("nobody-knows")
    wake = wake_for(stage.database)
    erasing = Erasing(stage.database, wake, stage.clock, digest_key_of(stage.settings))
    receipt = await erasing.request("nobody-knows", "record")
    await wake.close()
    await stage.settle()
    await stage.client.get_workflow_handle(f"erasure/{receipt.id}").result()
    return f"erasure/{receipt.id}"


async def keep(stage: Theatre, folder: Path, name: str, found: str) -> None:
    workflow_id, _, run_id = found.partition(" ")
    history = await stage.client.get_workflow_handle(workflow_id, run_id=run_id or None).fetch_history()
    # Who recorded it, and where, is nobody's business and no part of what replays.
    text = re.sub(r'"identity": "[^"]*"', '"identity": "worker"', history.to_json())
    text = re.sub(r'"stackTrace": "(?:[^"\\]|\\.)*"', '"stackTrace": ""', text)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


SKIPPING = (
    *(reference, exited, released, confirmation, judged, called, performed, cancelled, campaign, migrated, migration),
    pushed,
)
"""What is played on the server that skips time."""
REAL = (restarted, direct, continued, erasure)


async def main(version: str) -> None:
    folder = HISTORIES / version
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        for play in SKIPPING:
            async with theatre(database(temporary, play.__name__)) as stage:
                await keep(stage, folder, play.__name__, await play(stage))
        with TemporalServer("limit.historyCount.suggestContinueAsNew=40") as server:
            client = await Client.connect(server.address, data_converter=pydantic_data_converter)
            for play in REAL:
                env, at = WorkflowEnvironment.from_client(client), database(temporary, play.__name__)
                async with SmtpServer() as smtp, Theatre(env, at, smtp, play.__name__).open() as stage:
                    await keep(stage, folder, play.__name__, await play(stage))
                    for run in await stage.shop.runs():
                        with contextlib.suppress(RPCError):  # some are over already
                            await client.get_workflow_handle(run.workflow_id).terminate()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
