"""The worker of one process, for workflows, decisions and messages alike.

Messages ride on the run's own task queue: the server then hands a send to the worker in the answer to the workflow's
command, which saves three round trips and writes a message.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.contracts import calls_queue, channel_queue
from journeyman.channels.queues import UNLIMITED, ChannelQueue
from journeyman.language.channels import SENDING
from workflows.campaign import CampaignWorkflow
from workflows.confirmation import ConfirmationWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.experiment import ExperimentWorkflow
from workflows.intake import IntakeWorkflow
from workflows.journey import JourneyWorkflow
from workflows.learning import LearningWorkflow
from workflows.migration import MigrationWorkflow
from workflows.segment_push import SegmentPushWorkflow

GRACE = timedelta(seconds=5)
"""How long running activities may go on after the worker was asked to stop."""

CALLS_AT_ONCE = 100
"""Calls of other systems at once."""

STICKY = timedelta(seconds=120)
"""How long a workflow task waits for the worker that has the run in memory: in a storm of timers, longer than usual."""

ACTIVITIES = 500
"""Activities at once: while a place is free, the server hands a send to the worker in its answer, else through the
queue at more cost. A send needs no thread and waits for the database most of the time."""

PURE = (
    *("journeyman.language", "activities", "workflows.inputs", "workflows.policies", "workflows.steps"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions"),
)
"""Modules without clocks, chance or input, passed through the sandbox: importing them anew for each run would double
the worker's CPU. A lint rule watches over what the sandbox then no longer sees."""


def sandbox() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))


def keep_bytecode() -> None:
    """Have a place for bytecode also where Python was told to write none, as in most images.

    The sandbox imports the workflow's module anew for every run; without bytecode it would be compiled every time.
    """
    if sys.dont_write_bytecode:
        sys.pycache_prefix = tempfile.mkdtemp(prefix="journeyman-bytecode-")
        sys.dont_write_bytecode = False


def calls_worker(client: Client, task_queue: str, *, activities: Sequence[Any]) -> Worker:
    """The worker of the calls of other systems, beside that of a task queue."""
    return Worker(
        client,
        task_queue=calls_queue(task_queue),
        activities=activities,
        max_concurrent_activities=CALLS_AT_ONCE,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(minimum=1, initial=1, maximum=5),
        graceful_shutdown_timeout=GRACE,
    )


def channel_workers(
    client: Client, task_queue: str, lanes: Mapping[str, ChannelQueue], *, activities: Sequence[Any]
) -> list[Worker]:
    """The workers of the channels' own task queues; the engine keeps the pace of each over all of them together.

    A channel whose provider was taken out of the file is served all the same: runs may be on the way there.
    """
    return [
        Worker(
            client,
            task_queue=channel_queue(task_queue, channel),
            activities=activities,
            max_concurrent_activities=(lane := lanes.get(channel, UNLIMITED)).at_once,
            max_task_queue_activities_per_second=lane.per_second,
            activity_task_poller_behavior=PollerBehaviorAutoscaling(minimum=1, initial=1, maximum=10),
            graceful_shutdown_timeout=GRACE,
        )
        for channel in SENDING
    ]


def worker(client: Client, task_queue: str, *, activities: Sequence[Any], cache: int) -> Worker:
    """The worker of a task queue."""
    polling = PollerBehaviorAutoscaling(minimum=2, initial=4, maximum=20)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[
            *(JourneyWorkflow, IntakeWorkflow, ConfirmationWorkflow, ErasureWorkflow, SegmentPushWorkflow),
            *(ExperimentWorkflow, CampaignWorkflow, MigrationWorkflow, LearningWorkflow),
        ],
        activities=activities,
        workflow_runner=sandbox(),
        max_cached_workflows=cache,
        max_concurrent_activities=ACTIVITIES,
        sticky_queue_schedule_to_start_timeout=STICKY,
        workflow_task_poller_behavior=polling,
        activity_task_poller_behavior=polling,
        graceful_shutdown_timeout=GRACE,
    )
