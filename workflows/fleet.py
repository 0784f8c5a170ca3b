"""The workers of one process: one for workflows and decisions, one for each channel's messages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.intake import IntakeWorkflow
from workflows.journey import JourneyWorkflow

GRACE = timedelta(seconds=5)
"""How long running activities may go on after the worker was asked to stop."""

STICKY = timedelta(seconds=120)
"""How long a workflow task waits for the worker that has the run in memory: in a storm of timers, longer than usual."""

PURE = (
    *("journeyman.language", "activities", "workflows.inputs", "workflows.policies", "workflows.steps"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions"),
)
"""Modules without clocks, chance or input, passed through the sandbox: importing them anew for each run would double
the worker's CPU. A lint rule watches over what the sandbox then no longer sees."""


def sandbox() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))


def workers(
    client: Client,
    task_queue: str,
    *,
    activities: Sequence[Any],
    by_channel: dict[str, Sequence[Any]],
    cache: int,
) -> list[Worker]:
    """Workers for the task queue and for `{task_queue}-{channel}` of each channel."""
    polling = PollerBehaviorAutoscaling(minimum=2, initial=4, maximum=20)
    main = Worker(
        client,
        task_queue=task_queue,
        workflows=[JourneyWorkflow, IntakeWorkflow],
        activities=activities,
        workflow_runner=sandbox(),
        max_cached_workflows=cache,
        sticky_queue_schedule_to_start_timeout=STICKY,
        workflow_task_poller_behavior=polling,
        activity_task_poller_behavior=polling,
        graceful_shutdown_timeout=GRACE,
    )
    channels = [
        Worker(
            client,
            task_queue=f"{task_queue}-{channel}",
            activities=own,
            activity_task_poller_behavior=polling,
            graceful_shutdown_timeout=GRACE,
        )
        for channel, own in by_channel.items()
    ]
    return [main, *channels]
