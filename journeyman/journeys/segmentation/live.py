"""The segments that keep themselves, by what they name: only those that name what has changed are judged."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from journeyman.customers.identity import Person
from journeyman.customers.profile.computed import changeable
from journeyman.customers.segments.repository import Moved
from journeyman.journeys.segmentation.effects import effects_of, figures_of
from journeyman.language.conditions import Condition
from journeyman.language.evaluation import FOREVER, Look, look_of
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs, needs

Kind = TypeVar("Kind")

REMEMBERED = 1000
"""So many different things that events touch are remembered with what judging them needs."""


class Move(NamedTuple):
    """Somebody came into a segment, or left it; `reason` is a message id, `time`, `build` or `hand`."""

    person: Person
    segment: str
    entered: bool
    at: datetime
    reason: str

    @property
    def on_record(self) -> Moved:
        """What the history keeps; a move of before a merge stays that profile's own."""
        return Moved(self.segment, self.person.id, self.entered, self.at, self.reason)


@dataclass(slots=True, unsafe_hash=True)
class Touched:
    """What happened, and what of the profile it changes: the names by which segments speak of it.

    `properties` are those of the event, where it is one, and `figures` are the computed attributes that have another
    value, with the old and the new one.
    """

    events: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    scores: frozenset[str] = frozenset()
    messages: bool = False
    interests: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)
    figures: Sequence[tuple[str, Any, Any]] = field(default=(), compare=False)


@dataclass(frozen=True)
class LiveSegment:
    """A segment with a condition, ready to be judged."""

    key: str
    generation: int
    condition: Condition

    @cached_property
    def look(self) -> Look:
        return look_of(self.condition)

    @cached_property
    def needs(self) -> Needs:
        return needs(self.condition)


class LiveSegments:
    """All of them, each behind those that its condition speaks of."""

    def __init__(self, segments: Iterable[LiveSegment]) -> None:
        self.ordered = _in_order({segment.key: segment for segment in segments})
        self.needs = Needs()
        self._places = {segment.key: place for place, segment in enumerate(self.ordered)}
        self._by_event = _effects(self.ordered, effects_of)
        self._by_attribute = _index(self.ordered, lambda one: one.needs.attributes)
        self._by_computed = _effects(self.ordered, figures_of)
        self._by_segment = _index(self.ordered, lambda one: one.needs.segments)
        self._by_score = _index(self.ordered, lambda one: one.needs.scores)
        self._of_messages = [place for place, one in enumerate(self.ordered) if one.needs.messages]
        self._of_interests = [place for place, one in enumerate(self.ordered) if one.needs.interests]
        self._needs: dict[Touched, Needs] = {}
        self._changeable: dict[str, frozenset[str]] = {}
        for segment in self.ordered:
            self.needs |= segment.needs

    def __bool__(self) -> bool:
        return bool(self.ordered)

    @property
    def computed(self) -> frozenset[str]:
        """The computed attributes that any of them names."""
        return self.needs.computed

    def changeable_by(self, name: str) -> frozenset[str]:
        """Those of them that an event of this name may give another value."""
        found = self._changeable.get(name)
        if found is None:
            if len(self._changeable) >= REMEMBERED:
                self._changeable.clear()
            found = self._changeable[name] = changeable(self.needs.computed, (name,))
        return found

    def needs_for(self, touched: Touched) -> Needs:
        """What has to be known to judge those that may be concerned, and those that speak of them."""
        found = self._needs.get(touched)
        if found is None:
            if len(self._needs) >= REMEMBERED:
                self._needs.clear()
            found = self._needs[touched] = self._needs_at(self._named_by(touched))
        return found

    def _named_by(self, touched: Touched) -> set[int]:
        """Those that name anything of it, whether it may turn them over or not."""
        places = {place for name in touched.events for place, _ in self._by_event.get(name, ())}
        places.update(place for name in touched.computed for place, _ in self._by_computed.get(name, ()))
        return places | self._naming(touched)

    def needs_of(self, keys: Collection[str]) -> Needs:
        """What has to be known to judge these, and those that speak of them."""
        return self._needs_at({self._places[key] for key in keys if key in self._places})

    def _needs_at(self, places: set[int]) -> Needs:
        found, pending = Needs(), list(places)
        while pending:
            segment = self.ordered[pending.pop()]
            found |= segment.needs
            dependents = set(self._by_segment.get(segment.key, ())) - places
            places |= dependents
            pending.extend(dependents)
        return found

    def _naming(self, touched: Touched) -> set[int]:
        """Those that name attributes, scores, messages or interests."""
        places = set[int]()
        for name in touched.attributes:
            places.update(self._by_attribute.get(name, ()))
        for key in touched.scores:
            places.update(self._by_score.get(key, ()))
        if touched.messages:
            places.update(self._of_messages)
        if touched.interests:
            places.update(self._of_interests)
        return places

    def judge(self, person: Person, facts: Facts, reason: str, touched: Touched) -> list[Move]:
        """Move a person in and out of the segments that what happened may turn over."""
        places, mine = self._naming(touched), frozenset(person.segments)
        for name in touched.events:
            for place, effect in self._by_event.get(name, ()):
                if effect.may_turn(touched.properties, facts, is_in=self.ordered[place].key in mine):
                    places.add(place)
        for name, old, new in touched.figures:
            for place, figure in self._by_computed.get(name, ()):
                if figure.may_turn(old, new, is_in=self.ordered[place].key in mine):
                    places.add(place)
        return self._judge(person, facts, reason, places) if places else []

    def judge_all(self, person: Person, facts: Facts, reason: str) -> list[Move]:
        """Move a person in and out of any segment, and note when time alone may move her next."""
        person.recheck_at, person.is_changed = None, True
        return self._judge(person, facts, reason, set(range(len(self.ordered))))

    def judge_some(self, person: Person, facts: Facts, reason: str, keys: Collection[str]) -> list[Move]:
        """Move a person in and out of these segments, and those that speak of them."""
        return self._judge(person, facts, reason, {self._places[key] for key in keys if key in self._places})

    def follow(self, person: Person, facts: Facts, reason: str, moved: Collection[str]) -> list[Move]:
        """Judge those that speak of segments which somebody has joined or left by hand."""
        places = {place for key in moved for place in self._by_segment.get(key, ())}
        return self._judge(person, facts, reason, places)

    def _judge(self, person: Person, facts: Facts, reason: str, places: set[int]) -> list[Move]:
        moves: list[Move] = []
        soonest = FOREVER
        pending = sorted(places)
        for place in pending:
            segment = self.ordered[place]
            held, until = segment.look(facts)
            soonest = min(soonest, until)
            if held is (segment.key in person.segments):
                continue
            moves.append(_move(person, segment.key, held, facts.now, reason))
            # Those that speak of this one stand behind it, so the list only grows ahead of here.
            later = self._by_segment.get(segment.key, ())
            if not places.issuperset(later):
                places.update(later)
                pending[pending.index(place) + 1 :] = sorted(one for one in places if one > place)
        if soonest < (person.recheck_at or FOREVER):
            person.recheck_at = soonest
            person.is_changed = True
        return moves


def _move(person: Person, key: str, entered: bool, at: datetime, reason: str) -> Move:
    if entered:
        person.segments.append(key)
    else:
        person.segments.remove(key)
    person.is_changed = True
    return Move(person, key, entered, at, reason)


def _effects(
    segments: Sequence[LiveSegment], of: Callable[[Condition], dict[str, Kind]]
) -> dict[str, list[tuple[int, Kind]]]:
    found: dict[str, list[tuple[int, Kind]]] = defaultdict(list)
    for place, segment in enumerate(segments):
        for name, effect in of(segment.condition).items():
            found[name].append((place, effect))
    return dict(found)


def _index(segments: Sequence[LiveSegment], of: Callable[[LiveSegment], Iterable[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, segment in enumerate(segments):
        for name in of(segment):
            found[name].append(place)
    return dict(found)


def _in_order(by_key: dict[str, LiveSegment]) -> list[LiveSegment]:
    """Each behind those it speaks of; by key where that leaves a choice. A circle, which no door lets in, is cut."""
    ordered: dict[str, LiveSegment] = {}
    begun = set[str]()

    def place(segment: LiveSegment) -> None:
        if segment.key in begun:
            return
        begun.add(segment.key)
        for key in sorted(segment.needs.segments):
            if key in by_key:
                place(by_key[key])
        ordered[segment.key] = segment

    for key in sorted(by_key):
        place(by_key[key])
    return list(ordered.values())
