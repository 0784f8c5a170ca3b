"""An activity of the team's own, executed by the run's workflow on the team's own task queue."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as TookTooLongError

from activities.contracts import Answer, OwnActivity

LARGEST_RESULT = 65_536
"""Bytes of a result's JSON that a run's context takes."""
LONGEST_DETAIL = 300
"""Characters of a failure that stand in the journal."""


@dataclass(frozen=True)
class Performing:
    """An activity that is at work for a run as long as it stays at this visit."""

    visit: int
    handle: workflow.ActivityHandle[Any]

    @property
    def is_over(self) -> bool:
        return self.handle.done()

    async def answer(self) -> Answer:
        """What became of it, in the words of the journal."""
        try:
            result: RawValue = await self.handle
        except ActivityError as error:
            return Answer(failure=_why(error)[:LONGEST_DETAIL])
        return _read(result.payload)

    async def stop(self) -> None:
        """The run has gone elsewhere, or is over: the activity is asked to stop, and what it makes of that is lost."""
        if not self.is_over:
            self.handle.cancel()
        await self.answer()


def perform(own: OwnActivity, visit: int) -> Performing | None:
    """Have it executed; None where its time is over.

    Its result is read raw: what cannot be read is a failure of the step, never of the workflow.
    """
    remaining = own.until - workflow.now()
    if remaining <= timedelta(0):
        return None
    heartbeat = own.heartbeat_seconds
    handle = workflow.start_activity(
        own.name,
        own.given,
        task_queue=own.queue,
        result_type=RawValue,
        schedule_to_close_timeout=remaining,
        start_to_close_timeout=min(timedelta(seconds=own.attempt_seconds), remaining),
        heartbeat_timeout=timedelta(seconds=heartbeat) if heartbeat is not None else None,
        retry_policy=RetryPolicy(maximum_attempts=own.attempts),
        summary=f"{own.given.get('step')}: {own.name}",
    )
    return Performing(visit, handle)


def _read(payload: Payload) -> Answer:
    encoding = payload.metadata.get("encoding", b"")
    if encoding == b"binary/null":
        return Answer()
    if encoding != b"json/plain":
        return Answer(failure=f"the result is no JSON but {encoding.decode(errors='replace')}")
    if len(payload.data) > LARGEST_RESULT:
        return Answer(failure=f"the result is larger than {LARGEST_RESULT // 1024} KB")
    try:
        return Answer(result=json.loads(payload.data))
    except (ValueError, RecursionError):
        return Answer(failure="the result is no JSON")


def _why(error: ActivityError) -> str:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return f"{cause.type}: {cause.message}" if cause.type else cause.message
    if isinstance(cause, TookTooLongError):
        kind = cause.type.name.lower().replace("_", " ") if cause.type is not None else "time"
        return f"it took too long ({kind})"
    return str(cause or error)
