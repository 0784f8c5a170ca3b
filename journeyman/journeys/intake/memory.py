"""The events that intake has read of customers, for when they do the next thing: most people do several in a row.

What is remembered is asked for only under the customer's lock, and counts only where the tally of the profile, which
every event changes, is the one of then. So it does not matter who else has written events of hers meanwhile: another
partition, another worker, a merge, a split or an erasure.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journeyman.customers.identity import Person
from journeyman.customers.profile.computed import tally
from journeyman.journeys.facts import Known, Wanted
from journeyman.language.facts import EventFact

MOST = 100_000
"""So many events are remembered, of those who came last; some 60 MB."""

Tally = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Recalled:
    """All events of one name `since` an instant, in order of time, when the profile's tally of them was `tally`."""

    tally: Tally
    since: datetime
    events: list[EventFact]


class Memory:
    """What is remembered, by customer; those who did something last stand last."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.held = 0
        self._of: OrderedDict[str, dict[str, Recalled]] = OrderedDict()

    def open(self, persons: Iterable[Person]) -> "Recall":
        """What is remembered of these customers, who are locked. It is taken out: a batch that fails leaves nothing."""
        found: dict[str, dict[str, Recalled]] = {}
        people = {person.id: person for person in persons}
        for customer_id in people:
            remembered = self._of.pop(customer_id, None)
            if remembered is not None:
                self.held -= _size(remembered)
                found[customer_id] = remembered
        return Recall(self, people, found)

    def put(self, customer_id: str, remembered: dict[str, Recalled]) -> None:
        """Remember these, and forget those who have done nothing for longest."""
        before = self._of.pop(customer_id, {})
        self._of[customer_id] = remembered
        self.held += _size(remembered) - _size(before)
        while self.held > self.most:
            _, forgotten = self._of.popitem(last=False)
            self.held -= _size(forgotten)


@dataclass(slots=True)
class Recall:
    """One batch's part of the memory."""

    memory: Memory
    people: Mapping[str, Person]
    found: Mapping[str, Mapping[str, Recalled]]
    asked: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def __call__(self, known: Mapping[str, Known], wanted: Iterable[Wanted]) -> list[Wanted]:
        """Add what is remembered to `known`; returns what has to be read."""
        left = []
        for one in wanted:
            customer_id, name, since = one
            self.asked.setdefault(customer_id, {})[name] = since
            remembered = self.found.get(customer_id, {}).get(name)
            if remembered is None or remembered.since > since or self._tally(customer_id, name) != remembered.tally:
                left.append(one)
            else:
                known[customer_id].events[name] = remembered.events
        return left

    def keep(self, known: Mapping[str, Known]) -> None:
        """Remember all of it, with what the batch has added, once the batch is committed."""
        for customer_id, person in self.people.items():
            if person.merged_into is None:
                remembered = self._kept(customer_id, known[customer_id].events)
                if remembered:
                    self.memory.put(customer_id, remembered)

    def _kept(self, customer_id: str, events: Mapping[str, list[EventFact]]) -> dict[str, Recalled]:
        """What was asked for as it is now, and what was not and is as it was."""
        kept = dict(self.found.get(customer_id, {}))
        for name, since in self.asked.get(customer_id, {}).items():
            now, before = self._tally(customer_id, name), kept.get(name)
            if now is not None and (before is None or before.tally != now or before.since > since):
                kept[name] = Recalled(now, since, _in_order(events.get(name, []), since))
        return kept

    def _tally(self, customer_id: str, name: str) -> Tally | None:
        return tally(self.people[customer_id].computed, name)


def _in_order(events: list[EventFact], since: datetime) -> list[EventFact]:
    """Those that are not over, in the order in which the store has them; a late one was added at the end."""
    # They have one name and each a sequence of its own, so that they compare as they are.
    return sorted([event for event in events if event.at >= since])


def _size(remembered: Mapping[str, Recalled]) -> int:
    return sum(len(one.events) + 1 for one in remembered.values())
