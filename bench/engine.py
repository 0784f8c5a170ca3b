"""A real Temporal server in a process of its own, with the product's own settings for one, and what it keeps."""

import asyncio
from typing import Self

import psutil
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import GrpcCompression, RPCError

from tests.parts.temporal import TemporalServer

BILLABLE = {
    "workflow_execution_started_event_attributes",
    "timer_started_event_attributes",
    "activity_task_scheduled_event_attributes",
    "marker_recorded_event_attributes",
    "upsert_workflow_search_attributes_event_attributes",
    "workflow_execution_signaled_event_attributes",
}
"""The events that Temporal Cloud counts as actions."""


class Engine:
    """A server and a client; `async with` starts and stops both."""

    def __init__(self) -> None:
        self.server = TemporalServer()

    @property
    def address(self) -> str:
        return self.server.address

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.server.start)
        self.client = await Client.connect(
            self.address, data_converter=pydantic_data_converter, grpc_compression=GrpcCompression.NONE
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)

    @property
    def pid(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid

    async def until_waiting(self, workflow_id: str, seconds: float) -> None:
        """Wait until a workflow has started a timer. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not await self._has_timer(workflow_id):  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.05)

    async def _has_timer(self, workflow_id: str) -> bool:
        try:
            history = await self.history(workflow_id)
        except RPCError:  # not started yet
            return False
        return any(event.HasField("timer_started_event_attributes") for event in history.events)

    async def history(self, workflow_id: str) -> WorkflowHistory:
        return await self.client.get_workflow_handle(workflow_id).fetch_history()

    async def until_count(self, query: str, count: int, seconds: float) -> None:
        """Wait until so many workflows are found. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while (await self.client.count_workflows(query)).count < count:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.5)

    async def until_no_backlog(self, queue: str, seconds: float) -> None:
        """Wait until every workflow task of a queue has found a worker. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while await self._backlog(queue) > 0:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.5)

    async def _backlog(self, queue: str) -> int:
        kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_stats=True
        )
        return (await self.client.workflow_service.describe_task_queue(request)).stats.approximate_backlog_count


def weigh(history: WorkflowHistory) -> dict[str, int]:
    """Events, actions and bytes of a history."""
    kinds = [event.WhichOneof("attributes") for event in history.events]
    return {
        "events": len(kinds),
        "actions": sum(kind in BILLABLE for kind in kinds),
        "bytes": sum(event.ByteSize() for event in history.events),
    }


def cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def resident_bytes(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)
