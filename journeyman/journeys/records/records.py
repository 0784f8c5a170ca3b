"""What is on record of one customer beside her profile and her events."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from journeyman.catalog.interests.interests import Interest, fold, interests_of
from journeyman.intelligence.send_times.learnt import Learnt
from journeyman.journeys.reach.addresses import Spot, spot_of
from journeyman.journeys.runs import Run
from journeyman.language.channels import DEVICES, IN_HOUSE
from journeyman.language.facts import EventFact, InterestFact, RunFact
from journeyman.language.records import InterestKind, Wares

Shelves = Mapping[str, set[str]]
"""Product → categories in which it is, or which lie above, as far as a condition names them."""


@dataclass(slots=True)
class Recorded:
    """As the stores have it, and what has happened since; that is looked at when it is asked for.

    `moving` are runs that are being moved, `doings` the events since then that speak of products.
    """

    stored_runs: Sequence[RunFact] = ()
    stored_interests: Sequence[Interest] = ()
    shelves: Shelves = field(default_factory=dict)
    suppressed: Collection[Spot] = ()
    predictions: Sequence[tuple[str, float]] = ()
    moving: Sequence[Run] = ()
    doings: list[EventFact] = field(default_factory=list)
    devices: Collection[str] = ()
    """The channels on which she has a device."""
    hours: Learnt | None = None
    """When she answers."""

    def runs(self, journey: str) -> Iterable[RunFact]:
        found = {run.run_id: run for run in self.stored_runs if run.journey == journey}
        found |= {run.id: fact_of(run) for run in self.moving if run.journey_key == journey}
        return found.values()

    def interests(self, wares: Wares, kind: InterestKind) -> Iterator[InterestFact]:
        kept = {one.product_id: one for one in self.stored_interests if one.kind == kind}
        for one in fold(("", line) for line in self._new()).values():
            if one.kind == kind:
                if one.product_id in kept:
                    one.add(kept[one.product_id])
                kept[one.product_id] = one
        for product_id, one in kept.items():
            if product_id == wares.product or wares.path in self.shelves.get(product_id, ()):
                yield InterestFact(one.count, one.recent)

    def barrier(self, channel: str, attributes: Mapping[str, Any]) -> str | None:
        if channel in IN_HOUSE:
            return None
        if channel in DEVICES:
            return None if channel in self.devices else "unreachable"
        spot = spot_of(attributes, channel)
        if spot is None:
            return "unreachable"
        return "suppressed" if spot in self.suppressed else None

    def prediction(self, key: str) -> float | None:
        return dict(self.predictions).get(key)

    def timing(self) -> Learnt | None:
        return self.hours

    def _new(self) -> Iterator[Interest]:
        for event in self.doings:
            yield from interests_of(event.name, event.at, event.properties, event.seq)

    def join(self, theirs: Self) -> None:
        """Take in what is on record of a profile that is merged into this one."""
        self.stored_runs = [*self.stored_runs, *theirs.stored_runs]
        both = fold(("", one) for one in (*self.stored_interests, *theirs.stored_interests))
        self.stored_interests = list(both.values())
        self.suppressed = {*self.suppressed, *theirs.suppressed}
        self.devices = {*self.devices, *theirs.devices}
        self.shelves = {**theirs.shelves, **self.shelves}
        self.doings += theirs.doings


def fact_of(run: Run) -> RunFact:
    return RunFact(run.id, run.journey_key, run.entered_at, run.ended_at, run.outcome)
