"""Composes and runs the Temporal worker; stops gracefully on SIGTERM and SIGINT."""

import asyncio
import logging
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from temporalio.client import Client

from activities.campaigns import CrowdActivities
from activities.confirmations import ConfirmationMailActivities
from activities.erasure import RemovalActivities
from activities.experiments import JudgingActivities
from activities.intake import PartitionActivities
from activities.journeys import RunActivities
from activities.learning import ModelActivities
from activities.migrating import RunMigrationActivities
from activities.pushing import SegmentPushActivities
from journeyman.bootstrap import build, build_work
from journeyman.channels.configuration import lanes_of
from journeyman.kit.garbage import collect_rarely
from journeyman.settings import Settings
from workflows.fleet import calls_worker, channel_workers, keep_bytecode, worker
from workflows.runner import connect_client, journey_runner

log = logging.getLogger("worker")


async def connected(settings: Settings) -> Client:
    """A client, as soon as the server answers: it may still be starting."""
    while True:
        try:
            return await connect_client(settings)
        except RuntimeError as error:
            log.warning("Temporal at %s does not answer yet: %s", settings.temporal_address, error)
            await asyncio.sleep(0.5)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    client = await connected(settings)
    runner = journey_runner(client, settings)
    services = build(settings)
    work = build_work(services, runner)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(services.close)
        stack.push_async_callback(work.close)
        await services.wake.start()
        lanes = lanes_of(settings.providers_file)
        runs = RunActivities(work.advance, work.direct_events, lanes)
        intake = PartitionActivities(work.intake, work.dispatch, work.upkeep, services.wake, settings.intake_batch)
        mails = ConfirmationMailActivities(work.confirmation_mail)
        campaigns = CrowdActivities(work.opening, work.offering)
        activities = [
            campaigns.open_campaign,
            campaigns.offer_entries,
            runs.advance,
            runs.send_message,
            runs.accept_event,
            intake.tend_partition,
            mails.send_confirmation,
            RemovalActivities(work.removal).erase_customer,
            SegmentPushActivities(work.push_delivery).push_segment,
            JudgingActivities(work.judging).judge_experiment,
            RunMigrationActivities(work.moving).migrate_page,
            ModelActivities(work.learning).learn_model,
        ]
        await stack.enter_async_context(
            worker(client, settings.task_queue, activities=activities, cache=settings.workflow_cache)
        )
        await stack.enter_async_context(calls_worker(client, settings.task_queue, activities=[runs.call_outside]))
        for one in channel_workers(client, settings.task_queue, lanes, activities=[runs.send_message]):
            await stack.enter_async_context(one)
        await runner.tend(settings.partitions)
        await runner.learn()
        if ready := os.environ.get("JOURNEYMAN_READY_FILE"):
            await asyncio.to_thread(Path(ready).touch)
        collect_rarely()
        log.info("ready: task queue %s", settings.task_queue)
        await stop.wait()


async def main() -> None:
    keep_bytecode()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It would write every URL, and some have tokens and devices in them.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await run(Settings(), stop)


if __name__ == "__main__":
    asyncio.run(main())
