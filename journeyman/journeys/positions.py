"""Where a run stands, in the words that its workflow is told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.journeys.contact.best_channel import settled
from journeyman.journeys.moves import may_leave
from journeyman.journeys.runs import MIGRATED, Run
from journeyman.journeys.waits import activity
from journeyman.language.definition import Definition, Step
from journeyman.language.graph import outside_steps
from journeyman.language.steps.activity import ActivityStep
from journeyman.language.steps.enter import EnterStep
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.task import TaskStep
from journeyman.language.steps.throttle import ThrottleStep
from journeyman.language.steps.wait_for import WaitForStep

HELD_FOR: Final = timedelta(days=7)
"""The engine is told when a journey goes on; should that be lost, a run looks by itself after so long."""
RESUMED: Final = "the journey to go on"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands.

    `until` is when its timer fires, None where it goes on at once; `channel` the one on which a message may be
    sent next, and `topic` what it is about; `look_at` is an earlier instant at which time alone may end the run or
    release it; `waits_for` what else may release it, in words; `outcome` is there once the run is over.
    `activity` is what the engine is to execute meanwhile, an activity of the team's own. `version` is there where it is
    another than the run began on (V2). `held` says that its journey is paused: it stays, come what may (V4).
    """

    run_id: str
    step: str | None
    visit: int
    until: datetime | None = None
    channel: str | None = None
    waits_for: str = ""
    outcome: str | None = None
    look_at: datetime | None = None
    activity: dict[str, Any] | None = None
    version: int | None = None
    held: bool = False
    topic: str | None = None

    @property
    def timer(self) -> datetime | None:
        """When the workflow comes back: at the end of the wait, or when time alone may do something before."""
        return self.look_at or self.until


def position_of(run: Run, definition: Definition) -> Position:
    if not run.is_live:
        return Position(run.id, run.step, run.visit, outcome=run.outcome)
    if run.step is None:
        raise AssertionError(f"run {run.id} is live and nowhere")
    step = definition.step(run.step)
    stays = run.stays and not may_leave(run, step)
    channel, topic = _ahead(definition, step, run)
    return Position(
        run.id,
        run.step,
        run.visit,
        until=run.until if stays else None,
        channel=channel,
        waits_for=waits_for(step),
        look_at=run.look_at if stays else None,
        activity=activity.asked(run, step) if stays and isinstance(step, ActivityStep) else None,
        version=run.version if run.kept is not None and MIGRATED in run.kept else None,
        topic=topic,
    )


def held_position(run: Run, definition: Definition, at: datetime) -> Position:
    """As `position_of`; but where the journey is paused, a run that could go on is held (V4)."""
    position = position_of(run, definition)
    if not run.is_paused or position.outcome is not None:
        return position
    if position.timer is not None and position.timer > at:
        return position
    return replace(position, until=at + HELD_FOR, look_at=None, activity=None, waits_for=RESUMED, held=True)


def _ahead(definition: Definition, step: Step, run: Run) -> tuple[str | None, str | None]:
    """Who outside may be asked next, and about which topic if it is a message: of several, the journey's."""
    steps = [settled(run, one) for one in outside_steps(definition, step)]
    channel = min((one.outside for one in steps if one.outside is not None), default=None)
    sends = [one.send for one in steps if isinstance(one, SendStep) and one.outside == channel]
    topics = {send.topic or definition.topic for send in sends}
    return channel, topics.pop() if len(topics) == 1 else definition.topic if sends else None


def waits_for(step: Step) -> str:
    match step:
        case ActivityStep():
            return f"{step.activity.name} on {step.activity.queue}"
        case TaskStep():
            return f"{step.task.team or 'somebody'} to answer"
        case EnterStep():
            return f"the end of {step.enter.journey}"
        case ThrottleStep():
            return "a turn"
    if not isinstance(step, WaitForStep):
        return ""
    named = [
        branch.event
        or (f"{branch.message} {branch.status}" if branch.message else None)
        or (f"a change of {branch.attribute}" if branch.attribute else None)
        or (f"{'leaving' if branch.direction == 'leaves' else 'entering'} {branch.segment}" if branch.segment else None)
        or "a condition"
        for branch in step.wait_for.branches
    ]
    return " or ".join(named)


def first_position(run: Run, definition: Definition) -> dict[str, Any]:
    """What the workflow of a new run is started with, as JSON."""
    position = position_of(run, definition)
    own = {} if position.activity is None else {"activity": position.activity}
    return {
        **own,
        "run_id": run.id,
        "journey": run.journey_key,
        "name": definition.name or definition.journey,
        "version": run.version,
        "customer": run.customer_id,
        "entered_at": run.entered_at.isoformat(),
        "step": position.step,
        "visit": position.visit,
        "until": position.timer.isoformat() if position.timer else None,
        "channel": position.channel,
        "topic": position.topic,
        "waits_for": position.waits_for,
        "outcome": position.outcome,
    }


def look_of(run: Run) -> dict[str, Any]:
    """What the workflow is told when the run has to be looked at earlier than it knows, as JSON."""
    timer = run.look_at or run.until
    return {"run_id": run.id, "event": "", "until": timer.isoformat() if timer is not None else None}


def signal_of(run: Run, event: str, at: datetime) -> dict[str, Any]:
    """What the workflow is told when an event has taken its run out of a wait, as JSON."""
    return {
        "run_id": run.id,
        "visit": run.visit,
        "event": event,
        "at": at.isoformat(),
        "outcome": run.outcome if not run.is_live else None,
    }
