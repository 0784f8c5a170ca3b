"""Temporal as the journeys' engine: the adapter of the port `JourneyRunner`."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import GrpcCompression, RPCError, RPCStatusCode

from activities.contracts import Confirm, Erase, Judge, Learn, Push, calls_queue, channel_queue, lane_of
from journeyman.channels.configuration import lanes_of
from journeyman.journeys.learning.learning import WORKFLOW as LEARNING
from journeyman.journeys.ports import EngineCommand, EngineHealth, WorkflowClosingError
from journeyman.settings import Settings
from workflows.campaign import CampaignWorkflow
from workflows.confirmation import ConfirmationWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.experiment import ExperimentWorkflow
from workflows.inputs import CampaignInput, CustomerEvent, IntakeInput, JourneyInput, MigrationInput
from workflows.intake import IntakeWorkflow
from workflows.journey import JourneyWorkflow
from workflows.learning import LearningWorkflow
from workflows.migration import MigrationWorkflow
from workflows.schedules import SCHEDULE, ScheduleGiven, keep_schedule
from workflows.segment_push import SegmentPushWorkflow

JOURNEY = SearchAttributeKey.for_keyword("JourneyKey")
VERSION = SearchAttributeKey.for_int("JourneyVersion")
CUSTOMER = SearchAttributeKey.for_keyword("CustomerId")
STEP = SearchAttributeKey.for_keyword("JourneyStep")
SEARCH_ATTRIBUTES = {
    "JourneyKey": "Keyword",
    "JourneyVersion": "Int",
    "CustomerId": "Keyword",
    "JourneyStep": "Keyword",
}

PATIENCE = 5.0
"""Seconds that the engine has for an answer about its health."""


async def connect_client(settings: Settings, *, lazy: bool = False) -> Client:
    """A client for the address, namespace and credentials in the settings."""
    loopback = settings.temporal_address.startswith(("127.", "localhost"))
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        tls=settings.temporal_tls or settings.temporal_api_key is not None,
        data_converter=pydantic_data_converter,
        grpc_compression=GrpcCompression.NONE if loopback else GrpcCompression.GZIP,
        lazy=lazy,
    )


async def connect(settings: Settings) -> "TemporalJourneyRunner":
    """The engine for processes that only look; it connects when it is first asked."""
    return journey_runner(await connect_client(settings, lazy=True), settings)


def journey_runner(client: Client, settings: Settings) -> "TemporalJourneyRunner":
    """The engine behind a client, as the settings say."""
    return TemporalJourneyRunner(
        client, settings.task_queue, searchable_steps=settings.searchable_steps, lanes=lanes_of(settings.providers_file)
    )


class TemporalJourneyRunner:
    """Starts, restarts and signals journey workflows; every command may come twice and takes effect once."""

    def __init__(
        self, client: Client, task_queue: str, *, searchable_steps: bool = False, lanes: Collection[str] = frozenset()
    ) -> None:
        """`lanes` are the channels that have a task queue of their own."""
        self.client = client
        self.task_queue = task_queue
        self.searchable_steps = searchable_steps
        self.lanes = lanes

    async def tell(self, command: EngineCommand) -> None:
        match command.kind:
            case "start":
                await self._start(command)
            case "restart":
                await self._restart(command)
            case "signal":
                await self._signal(command)
            case "confirm":
                await self._confirm(command)
            case "erase":
                await self._erase(command)
            case "push":
                await self._push(command)
            case "experiment":
                await self._experiment(command)
            case "campaign":
                await self._campaign(command)
            case "migration":
                await self._migration(command)
            case "learning":
                await self.learn(command.payload["model"])
            case "schedule":
                given = ScheduleGiven.model_validate(command.payload)
                await keep_schedule(self.client, self.task_queue, command.workflow_id, given)
            case kind:
                raise ValueError(f"unknown command {kind}")

    async def _start(self, command: EngineCommand) -> None:
        given = self._given(command)
        try:
            await self.client.start_workflow(
                JourneyWorkflow.run,
                given,
                id=command.workflow_id,
                task_queue=self.task_queue,
                search_attributes=_search_attributes(given),
                static_summary=f"{given.name} v{given.version}",
                memo={"run": given.run_id},
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            await self._must_be_ours(command)

    def _given(self, command: EngineCommand) -> JourneyInput:
        given = JourneyInput.model_validate(command.payload)
        lane = lane_of(given.channel, command.payload.get("topic"), self.lanes)
        return given.model_copy(update={"searchable_steps": self.searchable_steps, "lane": lane})

    async def _must_be_ours(self, command: EngineCommand) -> None:
        """A start that was told before is done; an earlier run that is still closing has to be waited for."""
        description = await self.client.get_workflow_handle(command.workflow_id).describe()
        if await description.memo_value("run", None) == command.run_id:
            return
        raise WorkflowClosingError(f"{command.workflow_id} still belongs to an earlier run")

    async def _restart(self, command: EngineCommand) -> None:
        """The live workflow makes way for the new run; if it has just closed, the new one starts by itself (E4)."""
        given = self._given(command)
        await self.client.start_workflow(
            JourneyWorkflow.run,
            given,
            id=command.workflow_id,
            task_queue=self.task_queue,
            search_attributes=_search_attributes(given),
            static_summary=f"{given.name} v{given.version}",
            memo={"run": given.run_id},
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="restart",
            start_signal_args=[given],
        )

    async def _signal(self, command: EngineCommand) -> None:
        handle = self.client.get_workflow_handle(command.workflow_id)
        try:
            await handle.signal(JourneyWorkflow.customer_event, CustomerEvent.model_validate(command.payload))
        except RPCError as error:
            # A workflow that is over needs no waking: the run's row says what the signal would have said.
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _confirm(self, command: EngineCommand) -> None:
        """Have a mail sent that asks to confirm a yes; told again, it is not sent again."""
        with suppress(WorkflowAlreadyStartedError):
            await self.client.start_workflow(
                ConfirmationWorkflow.run,
                Confirm.model_validate(command.payload),
                id=command.workflow_id,
                task_queue=self.task_queue,
                static_summary="Double opt-in: asks a customer to confirm",
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )

    async def _erase(self, command: EngineCommand) -> None:
        """Begin an erasure; told again while it is at work it changes nothing, and told afterwards it finds it done."""
        await self.client.start_workflow(
            ErasureWorkflow.run,
            Erase.model_validate(command.payload),
            id=command.workflow_id,
            task_queue=self.task_queue,
            static_summary=f"Erasure {command.run_id}",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )

    async def _push(self, command: EngineCommand) -> None:
        """Begin a push; told again it changes nothing."""
        with suppress(WorkflowAlreadyStartedError):
            given = Push.model_validate(command.payload)
            await self.client.start_workflow(
                SegmentPushWorkflow.run,
                given,
                id=command.workflow_id,
                task_queue=self.task_queue,
                static_summary=f"Pushes segment {given.segment}",
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )

    async def _experiment(self, command: EngineCommand) -> None:
        """Have an experiment judged now: its workflow is woken, or begun where none is running."""
        given = Judge.model_validate(command.payload)
        await self.client.start_workflow(
            ExperimentWorkflow.run,
            given,
            id=command.workflow_id,
            task_queue=self.task_queue,
            static_summary=f"Experiment at {given.step} of {given.journey}",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="look",
        )

    async def _campaign(self, command: EngineCommand) -> None:
        """Have a campaign go on as its row says: its workflow is woken, or begun where none is running."""
        given = CampaignInput.model_validate(command.payload)
        await self.client.start_workflow(
            CampaignWorkflow.run,
            given,
            id=command.workflow_id,
            task_queue=self.task_queue,
            static_summary=f"Campaign of {given.journey}",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="look",
        )

    async def _migration(self, command: EngineCommand) -> None:
        """Begin a migration; told again it changes nothing."""
        with suppress(WorkflowAlreadyStartedError):
            given = MigrationInput.model_validate(command.payload)
            await self.client.start_workflow(
                MigrationWorkflow.run,
                given,
                id=command.workflow_id,
                task_queue=self.task_queue,
                static_summary=f"Goes through the runs of {given.journey}",
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )

    async def forget(self, customer_ids: Collection[str], workflow_ids: Collection[str]) -> set[str]:
        found = {run_id: workflow_id async for workflow_id, run_id in self._executions(customer_ids, workflow_ids)}
        for run_id, workflow_id in found.items():
            await self._delete(WorkflowExecution(workflow_id=workflow_id, run_id=run_id))
        return set(found)

    async def _executions(
        self, customer_ids: Collection[str], workflow_ids: Collection[str]
    ) -> AsyncIterator[tuple[str, str]]:
        """(workflow id, run id) of every execution: as the engine lists them, and those it has not listed yet."""
        queries = [f"CustomerId = {_quoted(one)}" for one in sorted(customer_ids)]
        queries += [f"WorkflowId = {_quoted(one)}" for one in sorted(workflow_ids)]
        for query in queries:
            async for execution in self.client.list_workflows(query):
                if execution.task_queue == self.task_queue:
                    yield execution.id, execution.run_id
        for workflow_id in sorted(workflow_ids):
            with suppress_not_found():
                description = await self.client.get_workflow_handle(workflow_id).describe()
                yield workflow_id, description.run_id

    async def _delete(self, execution: WorkflowExecution) -> None:
        """Have an execution deleted with its history; one that is running is terminated by that."""
        request = DeleteWorkflowExecutionRequest(namespace=self.client.namespace, workflow_execution=execution)
        with suppress_not_found():
            await self.client.workflow_service.delete_workflow_execution(request)

    async def tend(self, partitions: int) -> None:
        """See that every intake partition has its workflow, and that those of another number of partitions end."""
        await self._end_other_partitionings(partitions)
        for partition in range(partitions):
            await self.client.start_workflow(
                IntakeWorkflow.run,
                IntakeInput(partition=partition, partitions=partitions),
                id=f"intake/{partition}-of-{partitions}",
                task_queue=self.task_queue,
                static_summary=f"Intake partition {partition + 1} of {partitions}",
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )

    async def learn(self, model: str | None = None) -> None:
        """See that models are learnt every night, and that one is learnt now."""
        await self.client.start_workflow(
            LearningWorkflow.run,
            Learn(),
            id=LEARNING,
            task_queue=self.task_queue,
            static_summary="Learns every model from the store, night by night",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="learn" if model is not None else None,
            start_signal_args=[model] if model is not None else [],
        )

    async def _end_other_partitionings(self, partitions: int) -> None:
        running = f"WorkflowType = '{IntakeWorkflow.__name__}' AND ExecutionStatus = 'Running'"
        async for execution in self.client.list_workflows(running):
            if not execution.id.endswith(f"-of-{partitions}"):
                handle = self.client.get_workflow_handle(execution.id)
                await handle.terminate(reason=f"there are {partitions} partitions now")

    async def health(self) -> EngineHealth:
        try:
            async with asyncio.timeout(PATIENCE):
                pollers, lacks = await asyncio.gather(self._pollers(), self._lacks())
        except (RPCError, RuntimeError, OSError, TimeoutError) as error:
            return EngineHealth(False, f"{type(error).__name__}: {error}")
        return EngineHealth(True, f"namespace {self.client.namespace}", pollers, lacks)

    async def _pollers(self) -> dict[str, int]:
        """The pollers of the task queue, for workflows and for activities, and of the queue of calls."""
        kinds = {
            "workflows": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            "activities": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        }
        queues = [(self.task_queue, name, kind) for name, kind in kinds.items()]
        others = [calls_queue(self.task_queue), *(channel_queue(self.task_queue, channel) for channel in self.lanes)]
        queues += [(queue, "activities", kinds["activities"]) for queue in others]
        counts = await asyncio.gather(*(self._pollers_of(queue, kind) for queue, _, kind in queues))
        return {f"{queue} ({name})": count for (queue, name, _), count in zip(queues, counts, strict=True)}

    async def _pollers_of(self, task_queue: str, kind: TaskQueueType.ValueType) -> int:
        queue = TaskQueue(name=task_queue)
        answer = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(namespace=self.client.namespace, task_queue=queue, task_queue_type=kind)
        )
        return len(answer.pollers)

    async def _lacks(self) -> list[str]:
        """The search attributes that the namespace has not got."""
        answer = await self.client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=self.client.namespace)
        )
        return [f"search attribute {name}" for name in SEARCH_ATTRIBUTES if name not in answer.custom_attributes]

    async def running(self, limit: int) -> list[str]:
        # Others may share the namespace; ours are those whose workers we are.
        query = f"WorkflowType = 'JourneyWorkflow' AND ExecutionStatus = 'Running' AND TaskQueue = '{self.task_queue}'"
        return [found.id async for found in self.client.list_workflows(query, limit=limit)]

    async def standing(self, workflow_id: str) -> tuple[str, datetime | None] | None:
        try:
            if workflow_id.startswith(SCHEDULE):
                await self.client.get_schedule_handle(workflow_id).describe()
                return "running", None
            description = await self.client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        status = description.status or WorkflowExecutionStatus.RUNNING
        return status.name.lower(), description.close_time


@contextmanager
def suppress_not_found() -> Iterator[None]:
    """What is gone already needs nothing more."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


def _quoted(value: str) -> str:
    """A value in the engine's list filter."""
    return "'" + value.replace("'", "''") + "'"


def _search_attributes(given: JourneyInput) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(JOURNEY, given.journey),
            SearchAttributePair(VERSION, given.version),
            SearchAttributePair(CUSTOMER, given.customer),
            SearchAttributePair(STEP, given.step or ""),
        ]
    )
