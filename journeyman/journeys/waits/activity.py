"""`activity`: the customer stays while an activity of the team's own is at work; the run's workflow executes it."""

from collections.abc import Mapping
from typing import Any

from journeyman.customers.inbox.errors import RefusedError
from journeyman.customers.inbox.json_text import storable
from journeyman.journeys.given import values
from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import keep_in_context, recall, remember
from journeyman.journeys.runs import Ahead, Run, Scene, follow
from journeyman.language.steps.activity import ActivityStep

KEPT = "activity"
"""Under this a run remembers what the activity of this visit is given."""


def begin(run: Run, step: ActivityStep, scene: Scene) -> None:
    """Begin to stay. What the activity is given is settled now, so that every attempt is given the same."""
    given = values(step.activity.input, scene.of(run))
    run.until = scene.at + step.activity.timeout.timedelta
    remember(run, KEPT, {"input": given})
    read = {"until": run.until, "activity": step.activity.name, "queue": step.activity.queue, "input": given}
    run.write(Entry("arrived", scene.at, step.id, run.visit, None, read))


def asked(run: Run, step: ActivityStep) -> dict[str, Any]:
    """What the workflow is to execute, as JSON; times are in seconds."""
    activity = step.activity
    heartbeat = activity.heartbeat.timedelta.total_seconds() if activity.heartbeat is not None else None
    return {
        "name": activity.name,
        "queue": activity.queue,
        "until": run.until.isoformat() if run.until is not None else None,
        "attempt_seconds": activity.attempt_timeout.timedelta.total_seconds(),
        "heartbeat_seconds": heartbeat,
        "attempts": activity.attempts,
        "given": {
            "run": run.id,
            "customer": run.customer_id,
            "journey": run.journey_key,
            "step": step.id,
            "visit": run.visit,
            "input": recall(run, KEPT).get("input", {}),
        },
    }


def accept(run: Run, answer: Mapping[str, Any]) -> None:
    """The activity is over: `answer` holds its `result`, or `failure`."""
    run.released = dict(answer)
    run.is_changed = True


def leave(run: Run, step: ActivityStep, scene: Scene) -> Ahead:
    """Go on with the result, or without one; without an answer the time was over."""
    answer = run.released or {"failure": "there was no answer in time"}
    failure = answer.get("failure")
    if failure is None:
        try:
            keep_in_context(run, step.activity.as_, storable(answer.get("result")))
        except RefusedError as error:
            failure = f"the result cannot be kept: {error}"
    remember(run, KEPT, {})
    told = {"activity": step.activity.name, **({} if failure is None else {"detail": failure})}
    code = "performed" if failure is None else "activity_failed"
    run.write(Entry("left", scene.at, step.id, run.visit, code, told))
    return follow(run, "continue" if failure is None else step.activity.on_error, step, scene)
