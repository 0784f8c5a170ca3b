"""What a customer event does to a run that is there: goals, exits, waits (W1-W4, W9-W12, C1-C3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from journeyman.journeys.happenings import Happening, change_at, held_by, met
from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.looks import due_at
from journeyman.journeys.runs import HELD_OUT, Run, Scene, end
from journeyman.journeys.waits.wait import move
from journeyman.journeys.waits.wait_for import message_reached, release
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts, MessageFact
from journeyman.language.goals import Goal, GoalValue
from journeyman.language.paths import MISSING, lookup
from journeyman.language.readings import matches
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import Branch, WaitForStep
from journeyman.language.triggers import ConditionTrigger, DateTrigger

HELD: Final = "held"
"""The name under which a run remembers the goals whose condition held at its entry."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A goal reached, once per run (C1), with the messages before it, newest first."""

    run: Run
    goal: str
    message_id: str
    at: datetime
    value: float | None
    credited: list[str]


def convert(run: Run, happening: Happening, scene: Scene, reached: set[str]) -> list[Converted]:
    """The goals that this event reaches for the run and that it has not `reached` before.

    Credit goes to the run that was live at the event's time, or within the goal's window after it (C3, W12).
    """
    if not happening.is_after(run.entered_at, run.entered_seq):
        return []
    facts = scene.of(run)
    held = recall(run, HELD)
    found = []
    for goal in scene.definition.goals:
        if goal.key in reached or goal.key in held or met(goal, happening, facts) is None:
            continue
        if not _in_window(goal, run, facts, happening):
            continue
        credited = [message.step for message in _before(facts.messages, run, happening.fact.at)]
        value = _value(goal, happening.fact.properties)
        found.append(Converted(run, goal.key, happening.message_id, happening.fact.at, value, credited))
        apart = {HELD_OUT: run.context[HELD_OUT]} if HELD_OUT in run.context else {}
        data = {"value": value, "credited": credited, **apart}
        run.write(Entry("converted", happening.fact.at, run.step, run.visit, goal.key, data))
    return found


def note_held(run: Run, scene: Scene) -> None:
    """Goals on a condition that holds at the entry already are nothing that the run has brought about."""
    facts = scene.of(run)
    goals = (goal for goal in scene.definition.goals if isinstance(goal, ConditionTrigger))
    remember(run, HELD, {goal.key: True for goal in goals if holds(goal.when, facts)})


def creditable(runs: Iterable[Run], at: datetime) -> list[Run]:
    """The runs of one customer that an event at this instant may be credited to (C3).

    Of each journey those that were live then; where none was, the one that ended last, for its windows outlive it
    (W12). Of two runs with one key the newer counts: a restarted run leaves its goals to the one that took its place.
    """
    entered: dict[str, dict[str, Run]] = {}
    for run in sorted(runs, key=lambda run: (run.entered_at, run.entered_seq)):
        if run.entered_at <= at:
            entered.setdefault(run.journey_key, {})[run.correlation] = run
    found: list[Run] = []
    for newest in entered.values():
        live = [run for run in newest.values() if run.ended_at is None or run.ended_at > at]
        found += live or [max(newest.values(), key=lambda run: run.ended_at or at)]
    return found


def _in_window(goal: Goal, run: Run, facts: Facts, happening: Happening) -> bool:
    """Within `within` of the anchor (C2): the entry, or the last send, open or click before the event."""
    at = happening.fact.at
    if goal.anchor == "entry":
        return at <= run.entered_at + goal.within.timedelta
    status = {"send": "sent", "open": "opened", "click": "clicked"}[goal.anchor]
    anchors = [
        message.times[status] for message in facts.messages if message.run_id == run.id and status in message.times
    ]
    return any(anchor <= at <= anchor + goal.within.timedelta for anchor in anchors)


def _before(messages: Sequence[MessageFact], run: Run, at: datetime) -> list[MessageFact]:
    sent = [message for message in messages if message.run_id == run.id and "sent" in message.times]
    before = [message for message in sent if message.times["sent"] <= at]
    return sorted(before, key=lambda message: message.times["sent"], reverse=True)


def _value(goal: Goal, properties: Mapping[str, Any]) -> float | None:
    if not isinstance(goal.value, GoalValue):
        return goal.value
    value = lookup(properties, goal.value.property)
    if value is MISSING or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def react(run: Run, happening: Happening, scene: Scene) -> bool:
    """Let an event take the customer out or release a wait. Whether the run's workflow has to be woken."""
    if not run.is_live or not happening.is_after(run.entered_at, run.entered_seq):
        return False
    if _exits(run, happening, scene):
        return True
    if run.step is None:
        return False
    step = scene.definition.step(run.step)
    if isinstance(step, WaitStep) and run.stays:
        return move(run, step, [change.attribute for change in happening.changes], scene)
    if not isinstance(step, WaitForStep) or not _is_after_arrival(run, happening):
        return False
    return _released(run, step, happening, scene)


def _is_after_arrival(run: Run, happening: Happening) -> bool:
    """A first step is arrived at by the entry event itself, whose sequence breaks the tie."""
    return happening.is_after(run.arrived_at, run.entered_seq if run.visit == 1 else 0)


def _exits(run: Run, happening: Happening, scene: Scene) -> bool:
    facts = scene.of(run)
    for rule in scene.definition.exit:
        read = _due(rule, run, scene) if isinstance(rule, DateTrigger) else met(rule, happening, facts)
        if read is not None:
            why = {**read, "on": rule.on}
            if happening.fact.name:
                why |= {"event": happening.fact.name, "message_id": happening.message_id}
                why |= {"event_time": happening.fact.at}
            end(run, rule.outcome, scene.at, "exit", why)
            return True
    return False


def _due(rule: DateTrigger, run: Run, scene: Scene) -> dict[str, Any] | None:
    at = due_at(rule, run, scene)
    return {"date": at.isoformat()} if at is not None and at <= scene.at else None


def _released(run: Run, step: WaitForStep, happening: Happening, scene: Scene) -> bool:
    already = run.released
    for index, branch in enumerate(step.wait_for.branches):
        why = _happened(branch, run, happening, scene)
        if why is not None:
            release(run, step, index, {**why, "at": happening.fact.at, "message_id": happening.message_id})
            break
    return step.wait_for.mode == "first" and run.released is not already


def _happened(branch: Branch, run: Run, happening: Happening, scene: Scene) -> dict[str, Any] | None:
    """Whether this event makes a branch's thing happen; the values it was judged by."""
    facts = scene.of(run)
    if branch.event is not None:
        matched = branch.event == happening.fact.name and matches(branch.where, happening.fact.properties, facts)
        return {"event": branch.event} if matched else None
    if branch.state is not None:
        return held_by(happening) if holds(branch.state, facts) else None
    if branch.message is not None:
        reached = message_reached(branch, run, facts)
        return {"message": branch.message, "status": branch.status} if reached else None
    path = branch.attribute or ""
    return next((read for change in happening.changes if (read := change_at(branch, path, change))), None)
