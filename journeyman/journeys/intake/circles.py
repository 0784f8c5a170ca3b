"""Whom of a batch which events may come to be about, before it is decided who they are about.

Events and profiles that share a name, be it by way of others, are one circle: whatever turns out to be the same person
in this batch is in one circle. What is needed to judge segments is needed of everybody in it.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from journeyman.catalog.interests.interests import EVENTS
from journeyman.customers.identity import People
from journeyman.customers.profile.computed import changeable
from journeyman.journeys.intake.incoming import Incoming
from journeyman.journeys.segmentation.live import LiveSegments, Touched
from journeyman.language.needs import Needs


class _Circles:
    """Sets that are united whenever two of their members turn out to belong together (Tarjan's union-find)."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def of(self, name: Hashable) -> Hashable:
        """The name by which the whole circle goes."""
        above = self._above
        while (found := above.setdefault(name, name)) != name:
            above[name] = above[found]
            name = above[name]
        return name

    def unite(self, names: Iterable[Hashable]) -> None:
        first = None
        for name in names:
            top = self.of(name)
            first = top if first is None else first
            self._above[top] = first


def segment_needs(people: People, events: Sequence[Incoming], segments: LiveSegments) -> list[tuple[list[str], Needs]]:
    """What judging segments reads of each of these people: customer ids, with what is needed of all of them."""
    persons = people.all()
    if not segments:
        return [([person.id for person in persons], Needs())]
    circles = _Circles()
    for event in events:
        circles.unite([*event.names.identifiers(), *event.names.customer_ids()])
    for person in persons:
        circles.unite([person.id, person.survivor.id, *person.known_as])
    met = defaultdict(list)
    for event in events:
        met[circles.of(_any_name(event))].append(event)
    groups: dict[Touched, list[str]] = defaultdict(list)
    for person in persons:
        groups[_touched(met.get(circles.of(person.id), ()), segments)].append(person.id)
    return [(ids, segments.needs_for(touched)) for touched, ids in groups.items()]


def _any_name(event: Incoming) -> Hashable:
    names = event.names
    return names.customer_id or next(iter(names.identifiers()), None)


def _touched(events: Sequence[Incoming], segments: LiveSegments) -> Touched:
    names = frozenset(event.name for event in events)
    return Touched(
        names,
        frozenset(name for event in events for name in event.traits),
        changeable(segments.computed, names),
        scores=segments.needs.scores,
        messages=any(event.receipt is not None for event in events),
        interests=bool(segments.needs.interests) and not EVENTS.isdisjoint(names),
    )
