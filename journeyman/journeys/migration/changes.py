"""What a migration does to one run, by the author's choice for those inside (V2, V4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from journeyman.journeys.kept import recall, remember
from journeyman.journeys.migration.repository import Former, Migration, Outcome
from journeyman.journeys.migration.transfer import (
    EXIT,
    STAY,
    Target,
    expel,
    head,
    lead,
    may_move_now,
    note_sent,
    restand,
    stands,
    transfer,
)
from journeyman.journeys.moves import leave, pass_by
from journeyman.journeys.runs import HEADING, MIGRATED, Run, Scene, end
from journeyman.language.definition import Definition
from journeyman.language.steps.send import SendStep


@dataclass(frozen=True, slots=True)
class Case:
    """A run, what is to be done to it, and what is known: as its own version sees it, and as the other one does."""

    run: Run
    migration: Migration
    target: Target
    before: Scene
    after: Scene
    sent: set[str]
    former: Former | None
    definitions: Mapping[str, Definition]


def now(case: Case) -> Outcome:
    """Put the run where the map leads from its step; what is under way is seen to its end first."""
    run, ways = case.run, case.migration.map
    step = case.before.definition.step(run.step or "")
    way = lead(step.id, ways, case.target.definition)
    if way is None or way == STAY:
        return "stayed"
    if not may_move_now(run, step):
        return next_step(case)
    if way == EXIT:
        expel(run, case.after, case.target.version)
        return "exited"
    if way != step.id or not stands(run, step, case.target.definition.step(way)):
        note_sent(run, case.sent, ways)
    transfer(run, step, case.target, way, case.after)
    return "moved"


def next_step(case: Case) -> Outcome:
    """Have the run take the version when it next leaves a step."""
    head(case.run, case.migration.id, case.target, case.migration.map)
    return "heading"


def leave_journey(case: Case) -> Outcome:
    """The run ends here."""
    if case.migration.kind == "stop":
        remember(case.run, HEADING, {})
        end(case.run, "stopped", case.before.at, "exit", {"on": "stop"})
    else:
        expel(case.run, case.before, case.target.version)
    return "exited"


def back(case: Case) -> Outcome:
    """Undo a migration: to the former step where the run still stands where it was put, else by the map."""
    run, former = case.run, case.former
    if former is None or run.definition_hash == former.hash:
        remember(run, HEADING, {})
        return "stayed"
    step = case.before.definition.step(run.step or "")
    target = Target(former.version, former.hash, case.definitions[former.hash])
    if not may_move_now(run, step):
        head(run, case.migration.id, target, _inverse(case))
        return "heading"
    scene = replace(case.after, definition=target.definition)
    is_there = recall(run, MIGRATED).get("visit") == run.visit
    way = former.step if is_there else lead(run.step or "", _inverse(case), target.definition) or former.step
    note_sent(run, case.sent, _inverse(case))
    transfer(run, step, target, way, scene)
    if is_there and run.is_live and run.step == way and run.stays:
        # It came to this step before it was moved, and has waited since.
        run.arrived_at = former.arrived_at
        restand(run, target.definition.step(way), target.definition.step(way), scene)
    return "moved"


def _inverse(case: Case) -> dict[str, str]:
    """Back from each step of the newer version to the first that was led there."""
    found: dict[str, str] = {}
    for old, new in case.migration.map.items():
        if new not in {EXIT, STAY}:
            found.setdefault(new, old)
    return found


def wake(case: Case) -> Outcome:
    """The journey goes on: what is due is told, and what is due for too long is dealt with as the author says."""
    run, rule = case.run, case.before.definition.pause
    if not _is_due(case):
        return "stayed"
    since = run.until or run.arrived_at
    if rule is None or case.before.at - since <= rule.expire_on_resume.timedelta:
        return "woken"
    if rule.then == "exit":
        end(run, "expired", case.before.at, "exit", {"on": "resume", "due": since.isoformat()})
        return "exited"
    _skip(case)
    return "woken"


def _is_due(case: Case) -> bool:
    run = case.run
    timer = run.look_at or run.until
    return run.released is not None or timer is None or timer <= case.before.at


def _skip(case: Case) -> None:
    """Leave out the message that was due: the step behind a wait that was over, or the step itself."""
    run, scene = case.run, case.before
    step = scene.definition.step(run.step or "")
    if run.stays and not isinstance(step, SendStep):
        leave(run, step, scene)
    if not run.is_live or run.bound is not None or run.step is None:
        return
    ahead = scene.definition.step(run.step)
    if isinstance(ahead, SendStep):
        pass_by(run, ahead, scene, "expired")


CHANGES: Final[Mapping[str, Callable[[Case], Outcome]]] = {
    "now": now,
    "next_step": next_step,
    "exit": leave_journey,
    "back": back,
    "wake": wake,
}
