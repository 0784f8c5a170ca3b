"""How a run takes another version of its journey (V2): pure, like all that moves a run.

Where a step of the same kind is meant, a run that stays goes on staying: since the same instant, at the same visit,
for as long as the step now says. Anywhere else it arrives anew. Its entry, context, visits and messages stay its own.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.looks import look_ahead, passing
from journeyman.journeys.moves import arrive, may_leave
from journeyman.journeys.reactions import HELD, react
from journeyman.journeys.runs import HEADING, MIGRATED, Run, Scene, end
from journeyman.journeys.waits import wait, wait_for
from journeyman.language.definition import Definition, Step
from journeyman.language.evaluation import holds
from journeyman.language.listening import hearing
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.triggers import ConditionTrigger

EXIT: Final = "exit"
STAY: Final = "stay"
END: Final = "end"
SENT: Final = "sent_before"
"""Under this a run remembers the steps whose message it has got already, where it was led back before them."""

RESTAND: Mapping[type, Callable[[Run, Any, Any, Scene], None]] = {
    WaitStep: wait.restand,
    WaitForStep: wait_for.restand,
}
"""How a stay follows what its step says now; of any other kind it goes on as it was begun."""


@dataclass(frozen=True, slots=True)
class Target:
    """The version that a run takes."""

    version: int
    hash: str
    definition: Definition


def lead(step: str, ways: Mapping[str, str], definition: Definition) -> str | None:
    """Where who stands at a step goes: a step of the new version, `exit` or `stay`; None where nothing says."""
    return ways.get(step) or (step if definition.has_step(step) else None)


def may_move_now(run: Run, step: Step) -> bool:
    """Whether nothing is under way that the run has to see the end of: a message, a call, a step that it leaves."""
    return run.stays and not may_leave(run, step)


def stands(run: Run, before: Step, after: Step) -> bool:
    """Whether the run goes on staying where it is. A held message belongs to its step and visit (M4)."""
    if isinstance(before, SendStep) and before.id != after.id:
        return False
    return run.stays and type(before) is type(after)


def head(run: Run, migration: str, target: Target, ways: Mapping[str, str]) -> None:
    """The run takes the version when it leaves its step."""
    remember(run, HEADING, {"migration": migration, "version": target.version, "hash": target.hash, "map": dict(ways)})


def transfer(run: Run, before: Step, target: Target, step_id: str, scene: Scene) -> None:
    """Put the run at a step of another version; `scene` is that version's, with what is known of the customer."""
    told = {"from_version": run.version, "version": target.version}
    goes_on_staying = stands(run, before, target.definition.step(step_id))
    _take(run, target, scene)
    code = STAY if goes_on_staying else "moved"
    run.write(Entry("migrated", scene.at, before.id, run.visit, code, {**told, "step": step_id}))
    if goes_on_staying:
        restand(run, before, target.definition.step(step_id), scene)
    else:
        arrive(run, step_id, scene)
    remember(run, MIGRATED, {"version": target.version, "visit": run.visit})
    settle(run, scene)


def restand(run: Run, before: Step, after: Step, scene: Scene) -> None:
    """Go on staying, at a step of the same kind."""
    run.step, run.look_at = after.id, None
    follow = RESTAND.get(type(after))
    if follow is not None:
        follow(run, before, after, scene)


def arrive_from(run: Run, before: Step, target: Target, step_id: str, scene: Scene) -> None:
    """The run has left its step for this one, and takes the version on its way."""
    told = {"from_version": run.version, "version": target.version}
    _take(run, target, scene)
    run.write(Entry("migrated", scene.at, before.id, run.visit, "next_step", {**told, "step": step_id}))
    arrive(run, step_id, scene)
    settle(run, scene)


def settle(run: Run, scene: Scene) -> None:
    """Let the new version's exits see the run, and note when time alone may do something to it."""
    if run.is_live and hearing(scene.definition).is_timed:
        react(run, passing(scene.at), scene)
    look_ahead(run, scene)


def _take(run: Run, target: Target, scene: Scene) -> None:
    run.version, run.definition_hash = target.version, target.hash
    remember(run, HEADING, {})
    remember(run, MIGRATED, {"version": target.version})
    _aim(run, scene)


def _aim(run: Run, scene: Scene) -> None:
    """The version's goals, with windows since the entry; what holds already was brought about by nothing."""
    goals = scene.definition.goals
    windows = [run.entered_at + goal.within.timedelta for goal in goals]
    known = [run.goal_until] if run.goal_until is not None else []
    run.goal_until = max([*windows, *known], default=None)
    facts, held = scene.of(run), recall(run, HELD)
    new = (goal for goal in goals if isinstance(goal, ConditionTrigger) and goal.key not in held)
    remember(run, HELD, {**held, **{goal.key: True for goal in new if holds(goal.when, facts)}})


def expel(run: Run, scene: Scene, version: int) -> None:
    """The run has no place in the version, as the map says."""
    remember(run, HEADING, {})
    end(run, "exited", scene.at, "exit", {"on": "version", "version": version})


def note_sent(run: Run, steps: Collection[str], ways: Mapping[str, str]) -> None:
    """The run may come by these steps once more, and gets their messages once all the same."""
    known = {**recall(run, SENT), **dict.fromkeys((*steps, *(ways[one] for one in steps if one in ways)), True)}
    remember(run, SENT, known)


def was_sent(run: Run, step: SendStep) -> bool:
    """Whether the step's message was sent before the run was led back before it."""
    return step.id in recall(run, SENT)
