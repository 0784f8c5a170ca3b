"""The scores of the customers of a batch, while it is being decided: read before, added to event by event.

tally = Tally(await shelf.kept(connection), {person.id: person.scores for person in persons}, now)
tally.take(customer_id, fact)               # for each event
tally.merge(loser, survivor)                # for each merge
tally.judge(customer_id, facts)             # for every customer of the batch, with `tally.needs`, if it needs any
told = tally.tell()                         # what was crossed: `events_of` writes it for the inbox
for customer_id in tally.changed: ...       # `tally.document` goes into her profile
await repository.save_ranks(connection, tally.changes())
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from journeyman.customers.inbox.events import Incoming
from journeyman.customers.scoring.crossings import next_crossing
from journeyman.customers.scoring.definition import EVENTS, ScoreModel
from journeyman.customers.scoring.scores import (
    Crossing,
    State,
    add,
    empty,
    held_by,
    is_stale,
    merge,
    read_state,
    shown,
    tell,
    total_of,
)
from journeyman.language.evaluation import FOREVER
from journeyman.language.facts import EventFact, Facts
from journeyman.language.instants import microseconds
from journeyman.language.needs import Needs, needs


@dataclass(frozen=True, slots=True)
class Kept:
    """A score in use; `rebuilding` as long as customers have still to be counted by its newest rules."""

    model: ScoreModel
    rebuilding: bool
    updated_at: datetime

    @property
    def key(self) -> str:
        return self.model.key


@dataclass(frozen=True, slots=True)
class Change:
    """A state as it is from now on; None where there is none any more. At `next_at` time alone may change it."""

    customer_id: str
    model: ScoreModel
    state: State | None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A crossing of one customer, with her score then."""

    customer_id: str
    model: ScoreModel
    crossing: Crossing
    value: float


Documents = Mapping[str, Mapping[str, Any]]
"""What profiles keep for scores, by customer: documents of states by score."""


class Tally:
    """The scores of some customers at one present."""

    def __init__(self, models: Collection[Kept], documents: Documents, now: datetime) -> None:
        self.models = {kept.key: kept for kept in models}
        self.now = now
        self.stale: set[tuple[str, str]] = set()
        """Customers and scores whose states rest on other rules: `repository.rebuild` makes them anew."""
        self.turned: set[str] = set()
        """Customers of whom another rule holds now than before."""
        self._by_event: dict[str, list[ScoreModel]] = defaultdict(list)
        for kept in models:
            for name in kept.model.rules_of_event:
                self._by_event[name].append(kept.model)
        self._empty = {kept.key: empty(kept.model) for kept in models}
        self._states: dict[tuple[str, str], State] = {}
        self._changed: set[tuple[str, str]] = set()
        self._until: dict[tuple[str, str], datetime] = {}
        for customer_id, document in documents.items():
            self._read(customer_id, document)

    def _read(self, customer_id: str, document: Mapping[str, Any]) -> None:
        for key, one in document.items():
            kept = self.models.get(key)
            state = read_state(one, kept.model) if kept else None
            if state is not None:
                self._states[customer_id, key] = state
            elif kept is not None and is_stale(one, kept.model):
                self.stale.add((customer_id, key))

    def state(self, customer_id: str, model: ScoreModel) -> State:
        return self._states.get((customer_id, model.key)) or self._empty[model.key]

    def take(self, customer_id: str, event: EventFact) -> frozenset[str]:
        """Count one event; returns the scores that may have changed."""
        concerned = self._by_event.get(event.name, ())
        for model in concerned:
            self._put(customer_id, model, add(self.state(customer_id, model), event, model))
        return frozenset(model.key for model in concerned)

    def merge(self, loser: str, survivor: str) -> None:
        """Two customers are one: their points add, and the loser keeps none."""
        for key, kept in self.models.items():
            theirs = self._states.pop((loser, key), None)
            if theirs is not None:
                self._put(survivor, kept.model, merge(self.state(survivor, kept.model), theirs, kept.model))
                self._changed.add((loser, key))

    @property
    def by_key(self) -> Mapping[str, ScoreModel]:
        """Every score, by key."""
        return {key: kept.model for key, kept in self.models.items()}

    @property
    def needs(self) -> Needs:
        """What has to be known of a customer to judge her."""
        found = Needs()
        for kept in self.models.values():
            for rule in kept.model.condition_rules.values():
                found |= needs(rule.when)
        return found

    def judge(self, customer_id: str, facts: Facts) -> None:
        """Look anew at what holds of a customer."""
        for key, kept in self.models.items():
            if not kept.model.condition_rules:
                continue
            held, state = held_by(kept.model, facts), self.state(customer_id, kept.model)
            self._until[customer_id, key] = held.until
            if held.places != state.held:
                self._put(customer_id, kept.model, replace(state, held=held.places))
                self.turned.add(customer_id)
            elif held.until != FOREVER:
                # Nothing holds yet, but time alone may change that: a row has to tell when.
                self._states.setdefault((customer_id, key), state)
                self._changed.add((customer_id, key))

    def tell(self) -> list[Told]:
        """What was crossed by the customers whose scores have changed. Nothing of scores that are being rebuilt."""
        found = []
        for customer_id, key in sorted(self._changed & self._states.keys()):
            kept = self.models[key]
            state, crossings = tell(self._states[customer_id, key], kept.model, self.now)
            self._states[customer_id, key] = state
            if not kept.rebuilding:
                value = shown(total_of(state, kept.model, self.now))
                found += [Told(customer_id, kept.model, crossing, value) for crossing in crossings]
        return found

    @property
    def changed(self) -> set[str]:
        """The customers whose scores have to be written."""
        return {customer_id for customer_id, _ in self._changed}

    def document(self, customer_id: str) -> dict[str, Any]:
        """What the customer's profile keeps for scores from now on."""
        return {key: state.document() for key in sorted(self.models) if (state := self._states.get((customer_id, key)))}

    def next_at(self, customer_id: str, model: ScoreModel) -> datetime | None:
        """When time alone may next take the score over a threshold or into another band, or change what holds."""
        state = self._states.get((customer_id, model.key))
        if state is None:
            return None
        # Who was not judged is looked at soon.
        unknown = self.now if model.condition_rules else FOREVER
        return soonest(state, model, self._until.get((customer_id, model.key), unknown), self.now)

    def changes(self) -> Iterator[Change]:
        """What changes in the order of customers."""
        for customer_id, key in sorted(self._changed):
            model = self.models[key].model
            yield Change(customer_id, model, self._states.get((customer_id, key)), self.next_at(customer_id, model))

    def touch(self, customer_id: str) -> None:
        """Have a customer's scores told although no event has changed them: time may have."""
        self._changed |= {one for one in self._states if one[0] == customer_id}

    def _put(self, customer_id: str, model: ScoreModel, state: State) -> None:
        place = (customer_id, model.key)
        if state is not self._states.get(place, self._empty[model.key]):
            self._states[place] = state
            self._changed.add(place)


def soonest(state: State, model: ScoreModel, until: datetime, now: datetime) -> datetime | None:
    """When time alone may next change a score's standing, or, at `until`, what holds of the customer."""
    crossing = next_crossing(state, model, now)
    earliest = min(until, crossing or FOREVER)
    return None if earliest == FOREVER else earliest


def events_of(told: Iterable[Told], now: datetime) -> list[Incoming]:
    """The customer events that tell of crossings, as they go into the inbox; the same crossing is one event."""
    return [_event(one, now) for one in told]


def _event(told: Told, now: datetime) -> Incoming:
    kind, name = told.crossing.kind, told.crossing.name
    what = {"band": name} if kind == "band" else {"threshold": name}
    properties = {"score": told.model.key, **what, "value": told.value}
    payload = {"type": "track", "name": EVENTS[kind], "customerId": told.customer_id, "properties": properties}
    message_id = f"score_{told.model.key}_{kind}_{name}_{told.customer_id}_{microseconds(now)}"
    return Incoming(f"c:{told.customer_id}", message_id, now, orjson.dumps(payload).decode())
