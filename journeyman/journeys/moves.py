"""How a run moves from step to step, as far as nothing but the run itself is touched."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from journeyman.journeys.journal import Entry
from journeyman.journeys.looks import look_ahead
from journeyman.journeys.runs import MOST_STEPS_AT_ONCE, Ahead, Run, Scene, StuckError, end
from journeyman.journeys.waits import activity, enter, task, throttle, wait, wait_for
from journeyman.language.definition import Step
from journeyman.language.steps.activity import ActivityStep
from journeyman.language.steps.end import EndStep
from journeyman.language.steps.enter import EnterStep
from journeyman.language.steps.task import TaskStep
from journeyman.language.steps.throttle import ThrottleStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep

BEGIN: Mapping[type, Callable[[Run, Any, Scene], Ahead | None]] = {
    WaitStep: wait.begin,
    WaitForStep: wait_for.begin,
    ActivityStep: activity.begin,
}
"""How a step begins at which time passes: it sets `until`, or tells where to go on at once."""
LEAVE: Mapping[type, Callable[[Run, Any, Scene], Ahead]] = {
    WaitStep: wait.leave,
    WaitForStep: wait_for.leave,
    ActivityStep: activity.leave,
    EnterStep: enter.leave,
    TaskStep: task.leave,
    ThrottleStep: throttle.leave,
}
"""How a step is left at which the run stayed."""


def arrive(run: Run, target: str | None, scene: Scene) -> None:
    """Go to a step, and on from there as long as no time passes and nothing is to be done there.

    Stops at a wait that is not over, at a step that `advance` has to take, or at the end; and before it goes anywhere
    where the run is to take another version first.
    """
    for _ in range(MOST_STEPS_AT_ONCE):
        if run.heads_elsewhere:
            run.bound = target or "end"
            return
        if target is None or target == "end":
            if run.step is not None:
                run.trail.append(("left", run.step, run.visit, scene.at))
            end(run, "completed", scene.at, "completed")
            return
        step = scene.definition.step(target)
        if run.step is not None:
            run.trail.append(("left", run.step, run.visit, scene.at))
        run.trail.append(("reached", step.id, run.visit + 1, scene.at))
        run.step, run.visit, run.arrived_at = step.id, run.visit + 1, scene.at
        run.until = run.released = run.look_at = None
        run.is_changed = True
        if isinstance(step, EndStep):
            end(run, step.end, scene.at, "completed")
            return
        if step.acts or not step.takes_time:
            return
        ahead = BEGIN[type(step)](run, step, scene)
        if ahead is None or not run.is_live:
            look_ahead(run, scene)
            return
        target = ahead.target
    raise StuckError(f"run {run.id} took {MOST_STEPS_AT_ONCE} steps at once at step {run.step}")


def stay(run: Run, until: datetime, scene: Scene) -> None:
    """Stay at a step that has acted already; left by `leave` when the time is over, or something releases the run."""
    run.until = until
    run.is_changed = True
    look_ahead(run, scene)


def leave(run: Run, step: Step, scene: Scene) -> None:
    """The run may go on from the step at which it stays: leave it, and arrive at the next."""
    ahead = LEAVE[type(step)](run, step, scene)
    if run.is_live:
        arrive(run, ahead.target, scene)


def pass_by(run: Run, step: Step, scene: Scene, code: str) -> None:
    """Go on from a step without what it does."""
    run.write(Entry("left", scene.at, step.id, run.visit, code, {}))
    arrive(run, scene.definition.after(step), scene)


def may_leave(run: Run, step: Step) -> bool:
    """Whether something has released the run before its time: a ranked wait stays to the end of its window (W3)."""
    return run.released is not None and not (isinstance(step, WaitForStep) and step.wait_for.mode == "ranked")
