"""The segments that keep themselves, by what they name: only those that name what has changed are judged."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from journeyman.customers.identity import Person
from journeyman.customers.segments.repository import Moved
from journeyman.language.conditions import Condition
from journeyman.language.evaluation import FOREVER, Look, look_of
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs, needs


@dataclass(frozen=True, slots=True)
class Move:
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


@dataclass(frozen=True, slots=True)
class Touched:
    """What an event is, or events are, and what of the profile they change: the names by which segments speak of it."""

    events: Collection[str] = ()
    attributes: Collection[str] = ()
    computed: Collection[str] = ()
    messages: bool = False


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
        self._by_event = _index(self.ordered, lambda one: one.needs.event_names)
        self._by_attribute = _index(self.ordered, lambda one: one.needs.attributes)
        self._by_computed = _index(self.ordered, lambda one: one.needs.computed)
        self._by_segment = _index(self.ordered, lambda one: one.needs.segments)
        self._of_messages = [place for place, one in enumerate(self.ordered) if one.needs.messages]
        for segment in self.ordered:
            self.needs |= segment.needs

    def __bool__(self) -> bool:
        return bool(self.ordered)

    @property
    def computed(self) -> frozenset[str]:
        """The computed attributes that any of them names."""
        return self.needs.computed

    def needs_for(self, touched: Touched) -> Needs:
        """What has to be known to judge those that may be concerned, and those that speak of them."""
        return self._needs_at(self._concerned(touched))

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

    def _concerned(self, touched: Touched) -> set[int]:
        places = set[int]()
        for index, changed in (
            (self._by_event, touched.events),
            (self._by_attribute, touched.attributes),
            (self._by_computed, touched.computed),
        ):
            for name in changed:
                places.update(index.get(name, ()))
        if touched.messages:
            places.update(self._of_messages)
        return places

    def judge(self, person: Person, facts: Facts, reason: str, touched: Touched) -> list[Move]:
        """Move a person in and out of the segments that name what changed."""
        places = self._concerned(touched)
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
