"""A workspace with the production workflow code on the time-skipping server: 90 days pass in seconds."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.campaigns import CrowdActivities
from activities.confirmations import ConfirmationMailActivities
from activities.erasure import RemovalActivities
from activities.experiments import JudgingActivities
from activities.journeys import RunActivities
from activities.learning import ModelActivities
from activities.migrating import RunMigrationActivities
from activities.pushing import SegmentPushActivities
from journeyman.bootstrap import build, build_work
from journeyman.channels.addresses import From
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.channels.queues import ChannelQueue
from journeyman.customers.inbox.events import Incoming
from journeyman.journeys import repository as runs
from journeyman.journeys.migration.tables import RunMigration
from journeyman.journeys.positions import held_position
from journeyman.journeys.runs import Run
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.settings import Settings
from tests.builders import Shop
from tests.parts.smtp import SmtpServer
from workflows.fleet import calls_worker, channel_workers, worker
from workflows.runner import SEARCH_ATTRIBUTES, journey_runner

PROGRAMS = Path(__file__).parents[2] / ".venv" / "bin"
KINDS = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}
PATIENCE = 20.0
"""Seconds of real time after which a test gives up on the workers."""


class Theatre:
    """The shop, the engine and a mail server; time passes when `pass_time` says so."""

    def __init__(
        self,
        env: WorkflowEnvironment,
        database: Database,
        smtp: SmtpServer,
        task_queue: str = "t",
        lanes: Mapping[str, ChannelQueue] = MappingProxyType({}),
    ) -> None:
        self.env = env
        self.clock = FixedClock(datetime.now(UTC))
        self.settings = Settings(
            database_url=database.url,
            secret_key=SecretStr("a secret of thirty-two characters"),
            smtp_url=SecretStr(smtp.url()),
            task_queue=task_queue,
        )
        self.database = database
        self.smtp = smtp
        self.client: Client = env.client
        self.runner = journey_runner(env.client, self.settings)
        self.runner.lanes = self.lanes = lanes
        self.services = build(self.settings, clock=self.clock, database=database)
        sender = SmtpSender(smtp.url(), From.parse("Shop <hello@shop.example>"), clock=self.clock)
        self.work = build_work(self.services, self.runner, {"email": sender})
        for route in self.work.delivery.routes.values():
            for provider in route.providers.values():
                # Its clock stands still while the engine skips time: the pauses of the messages alone are looked at.
                provider.breaker.limit = 1_000_000
        self.shop = Shop(database, wake=self.services.wake)
        self.shop.clock = self.clock
        self.shop.drafts.clock = self.clock
        self.shop.intake = self.work.intake

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Theatre"]:
        await self.tick()
        advancing = RunActivities(self.work.advance, self.work.direct_events, self.lanes)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.services.close)
            stack.push_async_callback(self.work.close)
            mails = ConfirmationMailActivities(self.work.confirmation_mail)
            campaigns = CrowdActivities(self.work.opening, self.work.offering)
            activities = [
                campaigns.open_campaign,
                campaigns.offer_entries,
                advancing.advance,
                advancing.send_message,
                advancing.accept_event,
                mails.send_confirmation,
                RemovalActivities(self.work.removal).erase_customer,
                SegmentPushActivities(self.work.push_delivery).push_segment,
                JudgingActivities(self.work.judging).judge_experiment,
                RunMigrationActivities(self.work.moving).migrate_page,
                ModelActivities(self.work.learning).learn_model,
            ]
            await stack.enter_async_context(
                worker(self.client, self.settings.task_queue, activities=activities, cache=1000)
            )
            calls = calls_worker(self.client, self.settings.task_queue, activities=[advancing.call_outside])
            await stack.enter_async_context(calls)
            queue, sending = self.settings.task_queue, [advancing.send_message]
            for one in channel_workers(self.client, queue, self.lanes, activities=sending) if self.lanes else ():
                await stack.enter_async_context(one)
            yield self

    async def tick(self) -> datetime:
        """Set the clock to the engine's. Of two that are asked at once the later answer may be the earlier time."""
        self.clock.at = max(self.clock.at, await self.env.get_current_time())
        return self.clock.at

    async def accept(self, *events: Incoming) -> None:
        """Events come in now: decided, told to the engine, and their consequences seen through."""
        await self.tick()
        await self.shop.accept(*events)
        await self.settle()

    async def pass_time(self, **span: float) -> datetime:
        """Let time pass and every timer that is due by then have its effect."""
        await self.env.sleep(timedelta(**span))
        await self.settle()
        return self.clock.at

    async def settle(self) -> None:
        """Wait until nothing is left to be told, advanced or sent at this instant."""
        async with asyncio.timeout(PATIENCE):
            while not await self._is_quiet():  # noqa: ASYNC110 - the workers are another party
                await asyncio.sleep(0.01)
        # What a run did within the last look is over by now, and an event that comes next comes later (W2).
        await self.tick()

    async def _is_quiet(self) -> bool:
        await self.tick()
        await self.shop.decide()
        await self.work.dispatch.tell(None)
        if await self._is_migrating() or [run for run in await self._runs() if await self._moves(run)]:
            return False
        # Looked at last: a run that stays has asked, told or entered before it stayed, in the same transaction.
        return not await self.shop.decide() and not await self.shop.outbox()

    async def _is_migrating(self) -> bool:
        under_way = select(RunMigration.id).where(RunMigration.state == "under_way")
        async with self.database.reading() as connection:
            return (await connection.execute(under_way.limit(1))).first() is not None

    async def _runs(self) -> list[Run]:
        names = {field.name for field in fields(Run)}
        rows = [row._mapping for row in await self.shop.runs()]
        return [Run(**{name: value for name, value in row.items() if name in names}) for row in rows]

    async def _moves(self, run: Run) -> bool:
        """Whether the run is not where it stays at this instant."""
        async with self.database.reading() as connection:
            definition = await self.work.intake.shelf.definition(connection, run.definition_hash)
            live = {one.key: one for one in await runs.live_journeys(connection)}
        run.is_paused = run.journey_key in live and live[run.journey_key].is_paused
        # What is due in a paused journey is held, and told nobody before it goes on.
        position = held_position(run, definition, self.clock.at)
        return position.outcome is None and (position.until is None or position.until <= self.clock.at)

    @property
    def mails(self) -> list[EmailMessage]:
        """Every mail that was accepted, as its receiver reads it."""
        return [self.smtp.read(index) for index in range(len(self.smtp.mails))]

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    async def run(self) -> Any:
        (run,) = await self.shop.runs()
        return run

    async def history(self, workflow_id: str) -> WorkflowHistory:
        return await self.client.get_workflow_handle(workflow_id).fetch_history()


@asynccontextmanager
async def theatre(
    database: Database, lanes: Mapping[str, ChannelQueue] = MappingProxyType({})
) -> AsyncIterator[Theatre]:
    """A theatre on a time-skipping server and a mail server of its own."""
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(
            await WorkflowEnvironment.start_time_skipping(
                test_server_existing_path=str(PROGRAMS / "temporal-test-server"),
                data_converter=pydantic_data_converter,
            )
        )
        await add_search_attributes(env.client)
        smtp = await stack.enter_async_context(SmtpServer())
        yield await stack.enter_async_context(Theatre(env, database, smtp, lanes=lanes).open())


async def add_search_attributes(client: Client) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={name: KINDS[kind] for name, kind in SEARCH_ATTRIBUTES.items()},
        )
    )
