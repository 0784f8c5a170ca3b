"""One customer in one journey version: where the run stands.

The functions here, in `moves` and in `waits` are pure: they change a `Run` in memory and write its journal. Intake and
`advance` bring the run from the database under a lock, call them, and save it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from journeyman.journeys.journal import Entry
from journeyman.language.definition import Definition, Step
from journeyman.language.facts import Facts

HELD_OUT = "held_out"
"""The word in a run's context that says that nothing is sent to it any more, with the step that said so (O7)."""
HEADING = "heading"
"""Under this a run remembers which version it takes when it leaves its step."""
MIGRATED = "migrated"
"""Under this a run remembers that it is on another version than it began on."""
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
    look_at: datetime | None = None
    """An instant before `until` at which time alone may end the run or release its wait."""
    kept: dict[str, Any] | None = None
    """What steps remember of the run beside its context: see `keeping`."""
    journal: list[Entry] = field(default_factory=list)
    trail: list[tuple[str, str, int, datetime]] = field(default_factory=list)
    """The steps `reached` and `left` since the run was read: which, at which visit, when."""
    ended_now: bool = False
    """Whether it has come to its end since it was read; making way for another run is none."""
    is_paused: bool = False
    """Whether its journey is paused, as far as that was read with it (V4)."""
    bound: str | None = None
    """Where it was about to go when it had to take another version first (V2): a step, or `end`."""
    is_new: bool = False
    is_changed: bool = False

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    @property
    def has_moved(self) -> bool:
        """Whether it has begun or ended since it was brought from the database."""
        return self.is_new or (self.is_changed and not self.is_live)

    @property
    def heads_elsewhere(self) -> bool:
        """Whether it takes another version before it goes to another step (V2)."""
        return self.kept is not None and HEADING in self.kept

    @property
    def stays(self) -> bool:
        """Whether time has to pass, or something to happen, before the run may go on from its step."""
        return self.until is not None

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
    run.ended_now = code in {"completed", "exit"}
    run.until = run.released = run.look_at = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where a run goes on; None is the end."""

    target: str | None


def lateness(run: Run, at: datetime) -> dict[str, Any]:
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
