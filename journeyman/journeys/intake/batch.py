"""One batch of accepted events, decided: people, profiles, runs and what the engine has to be told.

Everything here happens in memory between a few statements that read and a few that write, all in the
transaction that `intake.py` opened.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from journeyman.catalog.interests.interests import EVENTS as INTERESTED
from journeyman.channels.ledger.messages import MOMENTS
from journeyman.customers.attributes import Change, apply_traits
from journeyman.customers.identity import People, Person, nothing_else
from journeyman.customers.inbox.reading import IMPORTED
from journeyman.customers.profile.computed import changeable, fold, merge, tally
from journeyman.customers.scoring.standing import Standing, Yardsticks
from journeyman.customers.scoring.tally import Tally
from journeyman.journeys.campaigns.occasions import campaign_of
from journeyman.journeys.contact.holdouts import hold_out
from journeyman.journeys.contact.policies import NOTHING
from journeyman.journeys.dates.rules import rules_of
from journeyman.journeys.dates.settling import Moved
from journeyman.journeys.facts import Known
from journeyman.journeys.happenings import Happening
from journeyman.journeys.intake.beside import Beside
from journeyman.journeys.intake.entries import Admitted, Refused, begin, judge
from journeyman.journeys.intake.incoming import Incoming, told_changes
from journeyman.journeys.intake.openings import gathered, opening
from journeyman.journeys.journal import Entry
from journeyman.journeys.looks import look_ahead, passing
from journeyman.journeys.moves import arrive
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.positions import first_position, look_of, signal_of
from journeyman.journeys.published import Published, Starters
from journeyman.journeys.reach.addresses import Spot
from journeyman.journeys.reactions import Converted, convert, creditable, note_held, react
from journeyman.journeys.records.records import Shelves
from journeyman.journeys.runs import HELD_OUT, Run, Scene, end
from journeyman.journeys.segmentation.live import LiveSegments, Move, Touched
from journeyman.journeys.waits.wait import moved_by
from journeyman.kit.bulk import Row
from journeyman.language.definition import Definition, Step
from journeyman.language.facts import EventFact, Facts
from journeyman.language.instants import microseconds
from journeyman.language.listening import hearing
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep


@dataclass(slots=True)
class Decided:
    """What a batch has come to; written by `intake.py`."""

    events: list[Row] = field(default_factory=list)
    changes: list[tuple[Person, Change, str]] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)
    conversions: list[Converted] = field(default_factory=list)
    receipts: list[tuple[str, str, datetime]] = field(default_factory=list)
    merges: list[tuple[str, str]] = field(default_factory=list)
    commands: list[EngineCommand] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    told: list[Move] = field(default_factory=list)
    beside: Beside = field(default_factory=Beside)
    campaigns: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many entries of a campaign came to what, by (campaign, code)."""


class Batch:
    """The state of a batch while its events are gone through in order."""

    def __init__(
        self,
        *,
        people: People,
        runs: Iterable[Run],
        known: dict[str, Known],
        definitions: dict[str, Definition],
        starters: Starters,
        segments: LiveSegments,
        tally: Tally,
        yardsticks: Yardsticks,
        reached: dict[str, set[str]],
        now: datetime,
        workspace_zone: str,
    ) -> None:
        self.people = people
        people.on_merge = self.merge
        self.runs: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            self.runs[run.customer_id].append(run)
        self.known = defaultdict(Known, known)
        self.definitions = definitions
        self.starters = starters
        self.segments = segments
        self.tally = tally
        self.yardsticks = yardsticks
        self.reached = defaultdict(set, reached)
        self.now = now
        self.workspace_zone = workspace_zone
        self.shelves: Shelves = {}
        """Where products are of which the batch speaks, as far as a condition names their categories."""
        self.suppressed: set[Spot] = set()
        """Addresses that the batch brings and nobody writes to, as far as a condition asks."""
        self.contact = NOTHING
        """The workspace's contact policy, as far as somebody may enter."""
        self.decided = Decided()
        self.moved = Moved(rules_of(starters.published, workspace_zone))
        self._unstarted: set[str] = set()
        self._met: set[str] = set()
        self._figures = starters.figures.union(*(hearing(one).figures for one in definitions.values()))

    def take(self, event: Incoming) -> None:
        """Decide one event."""
        person = self.people.find(event.names, event.at)
        if person is None:
            return
        changes = self._apply(person, event)
        fact = EventFact(event.name, event.at, event.seq, event.properties)
        known = self.known[person.id]
        known.events[fact.name].append(fact)
        if fact.name in INTERESTED:
            known.records.doings.append(fact)
        self._note_receipt(event, known)
        self.decided.beside.note(person, event)
        self.moved.note(person, event.name, changes)
        self.decided.events.append(_event_row(person, event))
        scored = self.tally.take(person.id, fact)
        recomputed = self._fold(person, event)
        touched = Touched(
            frozenset((event.name,)),
            frozenset(change.attribute for change in changes),
            scores=scored,
            messages=event.receipt is not None,
            interests=fact.name in INTERESTED,
            properties=event.properties,
            figures=recomputed,
        )
        self._sort_into_segments(person, event, touched)
        figures = [Change(name, old, new, event.at) for name, old, new in recomputed]
        happening = Happening(fact, event.message_id, changes, figures, event.receipt)
        concerned = list(self.runs[person.id])
        credited = {run.id for run in creditable(concerned, event.at)}
        for run in concerned:
            self._act(run, happening, person, may_convert=run.id in credited)
        for published in self._started_by(event, happening):
            self._enter(published, event, happening, person)

    def _apply(self, person: Person, event: Incoming) -> list[Change]:
        if not event.traits:
            return told_changes(event)
        person.attributes, changes = apply_traits(person.attributes, event.traits, event.at)
        person.is_changed = person.is_changed or bool(changes)
        self.decided.changes += [(person, change, event.message_id) for change in changes]
        return changes

    def _fold(self, person: Person, event: Incoming) -> list[tuple[str, Any, Any]]:
        """Count the event into what the customer's events come to; returns what of that was and is another value."""
        watched = self.segments.changeable_by(event.name)
        if self._figures:
            watched |= changeable(self._figures, (event.name,))
        before = [person.computed.get(name) for name in watched]
        fold(person.computed, event.name, event.at, microseconds(event.at), event.properties, event.context)
        person.is_counted = True
        both = ((name, old, person.computed.get(name)) for name, old in zip(watched, before, strict=True))
        return [(name, old, new) for name, old, new in both if old != new]

    def _sort_into_segments(self, person: Person, event: Incoming, touched: Touched) -> None:
        if not self.segments:
            return
        facts = self.facts(person, event.at)
        if person.is_new and person.id not in self._met:
            # Segments of those who never did something hold from the first.
            self._met.add(person.id)
            self._move(event, self.segments.judge_all(person, facts, event.message_id))
            return
        self._move(event, self.segments.judge(person, facts, event.message_id, touched))

    def _move(self, event: Incoming, moves: Sequence[Move]) -> None:
        self.decided.moves += moves
        if IMPORTED not in event.context:
            self.decided.told += moves

    def facts(self, person: Person, at: datetime) -> Facts:
        """What is known when an event is judged: the event itself always, though a client's clock may run ahead."""
        now, state_of = max(self.now, at), partial(self.tally.state, person.id)
        known = self.known[person.id]
        known.records.moving = self.runs[person.id]
        if self.shelves:
            known.records.shelves = {**known.records.shelves, **self.shelves}
        if self.suppressed:
            known.records.suppressed = {*known.records.suppressed, *self.suppressed}
        return known.facts(
            person.attributes,
            now,
            computed=person.computed,
            segments=person.segments,
            tallies=partial(tally, person.computed),
            standings=Standing(self.yardsticks, state_of, person.computed, now),
        )

    def _note_receipt(self, event: Incoming, known: Known) -> None:
        """A receipt is a customer event, and the ledger's row learns of it."""
        if event.receipt is None:
            return
        message_id, moment = event.receipt
        self.decided.receipts.append((message_id, moment, event.at))
        for message in known.messages:
            if message.id == message_id and getattr(message, MOMENTS[moment]) is None:
                setattr(message, MOMENTS[moment], event.at)

    def _scene(self, definition: Definition, person: Person, at: datetime) -> Scene:
        return Scene(definition, self.facts(person, at), self.now, self.workspace_zone)

    def _act(self, run: Run, happening: Happening, person: Person, *, may_convert: bool) -> None:
        definition = self.definitions.get(run.definition_hash)
        if definition is None or not may_concern(definition, run, happening):
            return
        scene = self._scene(definition, person, happening.fact.at)
        if may_convert:
            converted = convert(run, happening, scene, self.reached[run.id])
            self.reached[run.id] |= {one.goal for one in converted}
            self.decided.conversions += converted
        self._extend_goals(run, definition, happening)
        before = run.until
        if react(run, happening, scene):
            self._wake(run, happening.fact)
        elif (look_ahead(run, scene) or _is_sooner(run.until, before)) and run.id not in self._unstarted:
            self.decided.commands.append(EngineCommand("signal", run.id, run.workflow_id, look_of(run)))

    def _extend_goals(self, run: Run, definition: Definition, happening: Happening) -> None:
        """An open or a click begins a goal's window anew (C2); the run is remembered until it closes."""
        anchor = {"opened": "open", "clicked": "click"}.get(happening.moment[1]) if happening.moment else None
        windows = [happening.fact.at + goal.within.timedelta for goal in definition.goals if goal.anchor == anchor]
        if windows and (run.goal_until is None or max(windows) > run.goal_until):
            run.goal_until = max(windows)
            run.is_changed = True

    def _wake(self, run: Run, fact: EventFact) -> None:
        if run.id in self._unstarted:
            # Entered and over, or released, within this batch: its start will carry where it stands.
            return
        self.decided.commands.append(
            EngineCommand("signal", run.id, run.workflow_id, signal_of(run, fact.name, fact.at))
        )

    def _started_by(self, event: Incoming, happening: Happening) -> Sequence[Published]:
        if event.type == "enter":
            published = self.starters.on_call(event.journey or "")
            if published is None:
                self._count(event, "not_live")
            return [published] if published else []
        if IMPORTED in event.context:
            return []  # It is history that somebody brings along, and nobody wants a mail for what was years ago.
        found = self.starters.on_event(event.name)
        if happening.changes or happening.figures:
            changes, figures = happening.changes, happening.figures
            changed = self.starters.on_changes([one.attribute for one in changes], [one.attribute for one in figures])
            return [*found, *(one for one in changed if one not in found)]
        return found

    def _enter(self, published: Published, event: Incoming, happening: Happening, person: Person) -> None:
        published = published.taken_by(person.id)
        scene = self._scene(published.definition, person, event.at)
        opened = opening(published.definition, happening, scene.facts)
        if opened is None:
            return
        event = event if opened is event.properties else event._replace(properties=dict(opened))
        mine = [run for run in self.runs[person.id] if run.journey_key == published.key]
        verdict = judge(published, event, scene.facts, mine)
        self._count(event, verdict.code if isinstance(verdict, Refused) else "entered")
        if isinstance(verdict, Refused):
            self.decided.refusals.append(_refusal_row(published, event, person, verdict))
        else:
            self._admit(published, event, person, verdict, scene)

    def _count(self, event: Incoming, code: str) -> None:
        if event.type == "enter" and (campaign := campaign_of(event.message_id)) is not None:
            self.decided.campaigns[campaign, code] += 1

    def _admit(self, published: Published, event: Incoming, person: Person, admitted: Admitted, scene: Scene) -> None:
        run = begin(published, event, person.id, admitted.correlation)
        if person.apart:
            # A run that a split gave to somebody else may still have the workflow of this name.
            run.workflow_id = f"{run.workflow_id}~{run.id[-8:]}"
        run.write(_entered(event, hold_out(run, published.definition, self.contact)))
        run.entry = gathered(published.definition, run.entry, admitted.instead_of)
        kind = "start"
        if admitted.instead_of is not None:
            replaced = admitted.instead_of
            end(replaced, "restarted", self.now, "restart", {"by": run.id})
            kind = "start" if replaced.id in self._unstarted else "restart"
        note_held(run, scene)
        if not react(run, passing(event.at), scene):
            arrive(run, published.definition.first.id, scene)
        self.runs[person.id].append(run)
        self.definitions[published.hash] = published.definition
        self._unstarted.add(run.id)
        self.decided.commands.append(EngineCommand(kind, run.id, run.workflow_id, {}))

    def merge(self, loser: Person, survivor: Person) -> None:
        """One person after all: the facts and runs of both are one's; of two runs with one key the older stays (E1)."""
        self.decided.merges.append((loser.id, survivor.id))
        self._join(loser, survivor)
        self.known[survivor.id].join(self.known.pop(loser.id, Known()))
        live = {(run.journey_key, run.correlation): run for run in self.runs[survivor.id] if run.is_live}
        for run in self.runs.pop(loser.id, []):
            twin = live.get((run.journey_key, run.correlation)) if run.is_live else None
            if twin is not None:
                self._end_younger(run, twin)
            run.customer_id = survivor.id
            run.is_changed = True
            self.runs[survivor.id].append(run)

    def _join(self, loser: Person, survivor: Person) -> None:
        """What both profiles come to; the survivor is judged anew for every segment, the other leaves all of hers."""
        survivor.computed = merge(survivor.computed, loser.computed)
        survivor.recheck_at = self.now
        self.tally.merge(loser.id, survivor.id)
        moves = [Move(loser, key, entered=False, at=self.now, reason="merge") for key in loser.segments]
        self.decided.moves += moves
        loser.computed, loser.segments, loser.recheck_at = {}, [], None

    def _end_younger(self, one: Run, other: Run) -> None:
        younger = max(one, other, key=lambda run: (run.entered_at, run.entered_seq))
        older = other if younger is one else one
        end(younger, "merged", self.now, "merged", {"into": older.id})
        self._wake(younger, EventFact("Identified", self.now, 0, {}))

    def finish(self) -> Decided:
        """The start of each run that is still live carries where it stands now; runs that are over need none."""
        by_id = {run.id: run for runs in self.runs.values() for run in runs}
        commands = []
        for command in self.decided.commands:
            run = by_id[command.run_id]
            if command.kind == "signal":
                commands.append(command)
            elif run.is_live or command.kind == "restart":
                payload = first_position(run, self.definitions[run.definition_hash])
                commands.append(EngineCommand(command.kind, run.id, run.workflow_id, payload))
        self.decided.commands = commands
        self._note_runs()
        self._follow_merges()
        # Or batch and people would hold one another, and all that is in them, until garbage is looked for.
        self.people.on_merge = nothing_else
        return self.decided

    def _note_runs(self) -> None:
        """Segments that speak of journeys are judged once the batch is written: their runs have begun or ended."""
        named = self.segments.needs.journeys
        if not named:
            return
        for person in self.people.all():
            if any(run.journey_key in named and run.has_moved for run in self.runs.get(person.id, ())):
                person.recheck_at, person.is_changed = self.now, True

    def _follow_merges(self) -> None:
        """What was decided of a profile before it was merged is the survivor's as well."""
        survivors = {person.id: person.survivor.id for person in self.people.all() if person.merged_into}
        for row in (*self.decided.events, *self.decided.refusals):
            row["customer_id"] = survivors.get(row["customer_id"], row["customer_id"])


def _is_sooner(end: datetime | None, before: datetime | None) -> bool:
    """Whether a wait ends before the timer that its workflow has; one that ends later, the timer will find out."""
    return end is not None and before is not None and end < before


def may_concern(definition: Definition, run: Run, happening: Happening) -> bool:
    """Whether an event can do anything to a run: only interested runs are judged, and only they are woken."""
    name, heard = happening.fact.name, hearing(definition)
    if name in heard.events or heard.is_timed:
        return True
    if heard.attributes and any(change.attribute in heard.attributes for change in happening.changes):
        return True
    if heard.figures and any(change.attribute in heard.figures for change in happening.figures):
        return True
    if any(goal.anchor in {"open", "click"} for goal in definition.goals):
        return True
    if not run.is_live or run.step is None:
        return False
    return _may_move(definition.step(run.step), happening)


def _may_move(step: Step, happening: Happening) -> bool:
    """Whether an event can release a run from its wait, or move the end of it."""
    name = happening.fact.name
    if isinstance(step, WaitStep):
        return any(change.attribute in moved_by(step.wait) for change in happening.changes)
    if not isinstance(step, WaitForStep):
        return False
    return any(branch.event in {None, name} for branch in step.wait_for.branches)


def _entered(event: Incoming, held_out: str | None) -> Entry:
    apart = {} if held_out is None else {HELD_OUT: held_out}
    data = {"event": event.name, "message_id": event.message_id, **apart}
    return Entry("entered", event.at, None, None, event.type, data)


def _event_row(person: Person, event: Incoming) -> Row:
    return {
        "seq": event.seq,
        "message_id": event.message_id,
        "customer_id": person.id,
        "type": event.type,
        "name": event.name,
        "event_time": event.at,
        "received_at": event.received_at,
        "properties": event.properties,
        "context": event.context,
        "user_id": event.names.user_id,
        "anonymous_id": event.names.anonymous_id,
        "former_id": None,
    }


def _refusal_row(published: Published, event: Incoming, person: Person, refused: Refused) -> Row:
    return {
        "at": event.at,
        "journey_key": published.key,
        "version": published.version,
        "run_id": None,
        "customer_id": person.id,
        "kind": "refused",
        "step": None,
        "visit": None,
        "code": refused.code,
        "data": {"event": event.name, "message_id": event.message_id, **refused.data},
    }
