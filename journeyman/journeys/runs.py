"""One customer in one journey version: where the run stands, and how it moves.

The functions here are pure: they change a `Run` in memory and write its journal. Intake and `advance` bring
the run from the database under a lock, call them, and save it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from journeyman.customers.zones import place_of
from journeyman.journeys.journal import Entry
from journeyman.language.calendar import Moment, add, resolve
from journeyman.language.definition import Definition, Step
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.graph import takes_time
from journeyman.language.readings import matches
from journeyman.language.steps.end import EndStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import Branch, WaitFor, WaitForStep

MOST_STEPS_AT_ONCE = 1000
"""Steps that one burst may take before it is held to be a loop."""


class StuckError(Exception):
    """A run takes step after step without time passing. The run stays where it is, and says so."""


@dataclass(slots=True)
class Run:
    """A row of `runs`, as it is worked on; `journal` holds what is to be written with it."""

    id: str
    journey_key: str
    version: int
    definition_hash: str
    customer_id: str
    correlation: str
    workflow_id: str
    state: str
    outcome: str | None
    entered_at: datetime
    entered_seq: int
    ended_at: datetime | None
    entry: dict[str, Any]
    context: dict[str, Any]
    step: str | None
    visit: int
    arrived_at: datetime
    until: datetime | None
    released: dict[str, Any] | None
    goal_until: datetime | None
    journal: list[Entry] = field(default_factory=list)
    is_new: bool = False
    is_changed: bool = False

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    def write(self, entry: Entry) -> None:
        self.journal.append(entry)
        self.is_changed = True


@dataclass(frozen=True, slots=True)
class Scene:
    """What a run is moved with: its definition, what is known of the customer, and the instant."""

    definition: Definition
    facts: Facts
    at: datetime
    workspace_zone: str = "UTC"

    def of(self, run: Run) -> Facts:
        """The facts as this run sees them."""
        return replace(self.facts, run_id=run.id, entry=run.entry, context=run.context)


def end(run: Run, outcome: str, at: datetime, code: str, data: Mapping[str, Any] | None = None) -> None:
    """The run is over. `code` says what ended it: `completed`, `exit`, `restart`, `merged` or `erased`."""
    run.write(Entry("ended", at, run.step, run.visit, code, {"outcome": outcome, **(data or {})}))
    run.state, run.outcome, run.ended_at = "ended", outcome, at
    run.until = run.released = None


def arrive(run: Run, target: str | None, scene: Scene) -> None:
    """Go to a step, and on from there as long as no time passes and nothing is to be done there.

    Stops at a wait that is not over, at a step that needs the world (`branch`, `send`, `update`) or at the end.
    """
    for _ in range(MOST_STEPS_AT_ONCE):
        if target is None or target == "end":
            end(run, "completed", scene.at, "completed")
            return
        step = scene.definition.step(target)
        run.step, run.visit, run.arrived_at = step.id, run.visit + 1, scene.at
        run.until = run.released = None
        run.is_changed = True
        if isinstance(step, EndStep):
            end(run, step.end, scene.at, "completed")
            return
        if not takes_time(step):
            return
        ahead = _begin_wait(run, step, scene)
        if ahead is None or not run.is_live:
            return
        target = ahead.target
    raise StuckError(f"run {run.id} took {MOST_STEPS_AT_ONCE} steps at once at step {run.step}")


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where a run goes on; None is the end."""

    target: str | None


def _begin_wait(run: Run, step: Step, scene: Scene) -> Ahead | None:
    """Begin to wait; or, where the wait is over as it begins, where to go on."""
    if isinstance(step, WaitStep):
        return _begin_plain_wait(run, step, scene)
    if isinstance(step, WaitForStep):
        return _begin_wait_for(run, step, scene)
    raise AssertionError(f"no time passes at {step.id}")


def _begin_plain_wait(run: Run, step: WaitStep, scene: Scene) -> Ahead | None:
    facts = scene.of(run)
    place = place_of(facts.attributes, scene.definition.time_zone, scene.workspace_zone)
    due = resolve(step.wait, Moment(scene.at, place.zone, facts.attributes, run.entry, run.customer_id))
    read = {"zone": place.zone.key, "rung": place.rung}
    if due.code == "due":
        run.until = due.at
        run.write(Entry("arrived", scene.at, step.id, run.visit, None, {"until": due.at, **read}))
        return None
    run.write(Entry("left", scene.at, step.id, run.visit, due.code, {"target": due.at, **read}))
    word = step.wait.past if due.code == "past" else step.wait.missing
    return follow(run, word, step, scene)


def _begin_wait_for(run: Run, step: WaitForStep, scene: Scene) -> Ahead | None:
    place = place_of(scene.facts.attributes, scene.definition.time_zone, scene.workspace_zone)
    run.until = add(scene.at, step.wait_for.timeout, place.zone)
    read = {"zone": place.zone.key, "rung": place.rung}
    run.write(Entry("arrived", scene.at, step.id, run.visit, None, {"until": run.until, **read}))
    for index, branch in enumerate(step.wait_for.branches):
        found = _holds_on_arrival(run, branch, step.wait_for, scene)
        if found is not None:
            release(run, step, index, found)
            break
    if step.wait_for.mode == "first" and run.released is not None:
        return leave(run, step, scene)
    return None


def _holds_on_arrival(run: Run, branch: Branch, wait_for: WaitFor, scene: Scene) -> dict[str, Any] | None:
    """A state is tested on arrival and passes at once; an event counts from before only under `since` (W1)."""
    facts = scene.of(run)
    if branch.when is not None:
        return {"held": True, "at": scene.at} if holds(branch.when, facts) else None
    if branch.message is not None:
        at = message_reached(branch, run, facts)
        return {"message": branch.message, "status": branch.status, "at": at} if at else None
    if branch.event is None or wait_for.since is None:
        return None
    start = run.entered_at if wait_for.since == "entry" else scene.at - wait_for.since.timedelta
    for event in facts.events.get(branch.event, ()):
        if start <= event.at <= scene.at and matches(branch.where, event.properties, facts):
            return {"event": event.name, "at": event.at}
    return None


def message_reached(branch: Branch, run: Run, facts: Facts) -> datetime | None:
    """When the run's message of a step reached the status that a branch waits for."""
    for message in facts.messages:
        if message.run_id != run.id or message.step != branch.message:
            continue
        if branch.status == "refused":
            refused = message.outcome not in {None, "sent", "failed"}
            return message.times.get(message.outcome or "") if refused else None
        if branch.status is not None and branch.status in message.times:
            return message.times[branch.status]
    return None


def release(run: Run, step: WaitForStep, branch: int, why: Mapping[str, Any]) -> None:
    """A branch's thing has happened. Of several the first counts, or under `ranked` the highest (W3)."""
    if run.released is not None and (step.wait_for.mode == "first" or run.released["branch"] <= branch):
        return
    plain = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in why.items()}
    run.released = {"branch": branch, **plain}
    run.is_changed = True


def leave(run: Run, step: WaitStep | WaitForStep, scene: Scene) -> Ahead:
    """The wait is over, by what released it or by its timer; where to go on."""
    if run.released is not None and isinstance(step, WaitForStep):
        branch = step.wait_for.branches[run.released["branch"]]
        run.write(Entry("left", scene.at, step.id, run.visit, branch.kind, dict(run.released)))
        return Ahead(branch.next if branch.next is not None else scene.definition.after(step))
    run.write(Entry("left", scene.at, step.id, run.visit, "timer", _lateness(run, scene.at)))
    if isinstance(step, WaitForStep):
        return follow(run, step.wait_for.on_timeout, step, scene)
    return Ahead(scene.definition.after(step))


def _lateness(run: Run, at: datetime) -> dict[str, Any]:
    """A timer that fired noticeably late is on record."""
    late = at - run.until if run.until else timedelta(0)
    return {"late_seconds": round(late.total_seconds(), 3)} if late > timedelta(seconds=1) else {}


def follow(run: Run, word: str, step: Step, scene: Scene) -> Ahead:
    """What `continue`, `exit`, `end` or a step id means at a step."""
    if word in {"continue", "next_occurrence"}:
        return Ahead(scene.definition.after(step))
    if word == "exit":
        end(run, "exited", scene.at, "exit", {"by": step.id})
        return Ahead(None)
    return Ahead(None if word == "end" else word)
