"""The floor: workflows that do with Temporal alone what the product's journeys do, and a worker for them.

`python -m bench.bare ADDRESS SMTP_URL READY_FILE` runs the worker, with the settings of the product's own.
"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.service import GrpcCompression
from temporalio.worker import PollerBehaviorAutoscaling, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

with workflow.unsafe.imports_passed_through():
    from journeyman.channels.addresses import From
    from journeyman.channels.ports import OutgoingMail
    from journeyman.channels.providers.smtp.sender import SmtpSender
    from journeyman.settings import Settings
    from workflows.fleet import ACTIVITIES, PURE, STICKY, keep_bytecode

QUEUE = "bare"


@dataclass
class Mail:
    id: str
    to: str


@dataclass
class Journey:
    """Three waits of `pause` seconds, a mail after each."""

    id: str
    to: str
    pause: float


@workflow.defn
class BareJourney:
    @workflow.run
    async def run(self, given: Journey) -> None:
        for number in (1, 2, 3):
            await workflow.sleep(given.pause)
            await workflow.execute_activity(
                "send", Mail(f"{given.id}-{number}", given.to), start_to_close_timeout=timedelta(seconds=90)
            )


@workflow.defn
class BareReaction:
    """Waits for a signal, then sends."""

    def __init__(self) -> None:
        self.released = False

    @workflow.run
    async def run(self, given: Mail) -> None:
        await workflow.wait_condition(lambda: self.released, timeout=timedelta(days=1))
        await workflow.execute_activity("send", given, start_to_close_timeout=timedelta(seconds=90))

    @workflow.signal
    def release(self) -> None:
        self.released = True


@workflow.defn
class BareWait:
    @workflow.run
    async def run(self, until: str) -> None:
        await workflow.sleep(datetime.fromisoformat(until) - workflow.now())


class Activities:
    def __init__(self, sender: SmtpSender) -> None:
        self.sender = sender

    @activity.defn
    async def send(self, mail: Mail) -> None:
        await self.sender.send(OutgoingMail(mail.id, mail.to, "Your cart waits", text=TEXT))


TEXT = "Your cart waits: https://shop.example/cart\n"


async def main(address: str, smtp_url: str, ready: str) -> None:
    keep_bytecode()
    client = await Client.connect(address, grpc_compression=GrpcCompression.NONE)
    polling = PollerBehaviorAutoscaling(minimum=2, initial=4, maximum=20)
    settings = Settings()
    sender = SmtpSender(smtp_url, From.parse("Shop <hello@shop.example>"), connections=settings.smtp_connections)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[BareJourney, BareReaction, BareWait],
        activities=[Activities(sender).send],
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE)
        ),
        max_cached_workflows=settings.workflow_cache,
        max_concurrent_activities=ACTIVITIES,
        sticky_queue_schedule_to_start_timeout=STICKY,
        workflow_task_poller_behavior=polling,
        activity_task_poller_behavior=polling,
    ):
        Path(ready).touch()  # noqa: ASYNC240 - one small file
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
