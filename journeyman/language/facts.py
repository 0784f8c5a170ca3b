"""What is known of a customer when a condition is judged. Loaded by who judges, for as much as `needs` says."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from journeyman.language.instants import from_microseconds
from journeyman.language.records import InterestKind, Wares
from journeyman.language.timing import Timing


class EventFact(NamedTuple):
    """One event of the customer; `seq` is its place in the ingest sequence (W2).

    A tuple, for more of these are made than of anything else.
    """

    name: str
    at: datetime
    seq: int
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MessageFact:
    """One message to the customer, with what became of it.

    `times` tells when the message was `sent`, `delivered`, `opened`, `clicked`, `bounced`, `complained`,
    `unsubscribed`, as far as it was. A message that was not sent has its `outcome` there (`failed`, `no_consent`, …),
    with the instant at which it was reserved.
    """

    step: str
    run_id: str
    channel: str
    outcome: str | None
    times: Mapping[str, datetime]
    id: str = ""


@dataclass(frozen=True, slots=True)
class RfmFact:
    """The scores from 1 to 5 of who has ordered, and the group that they make; time alone changes them at `until`."""

    r: int
    f: int
    m: int
    group: str
    until: datetime


class RunFact(NamedTuple):
    """One run of the customer; `ended_at` is None as long as it is live."""

    run_id: str
    journey: str
    entered_at: datetime
    ended_at: datetime | None
    outcome: str | None


class InterestFact(NamedTuple):
    """An interest in one product: how often, and the newest instants, newest first, in microseconds since 1970."""

    times: int
    recent: Sequence[int]


class Records(Protocol):
    """What is on record of the customer beside her profile and her events."""

    def runs(self, journey: str) -> Iterable[RunFact]:
        """Her runs of a journey."""
        ...

    def interests(self, wares: Wares, kind: InterestKind) -> Iterable[InterestFact]:
        """Her interests of a kind in these products."""
        ...

    def prediction(self, key: str) -> float | None:
        """What a model predicts of her; None where there is not enough data."""
        ...

    def timing(self) -> Timing | None:
        """What was learnt of when she answers; None where nobody asked for it."""
        ...

    def barrier(self, channel: str, attributes: Mapping[str, Any]) -> str | None:
        """What keeps messages from her address on a channel: `unreachable` or `suppressed`; None where nothing does."""
        ...


class Standings(Protocol):
    """Where the customer stands at the present of the facts."""

    def score(self, key: str, category: str | None, heights: Sequence[float]) -> tuple[float, datetime] | None:
        """A score, and until when surely nothing but news takes it over one of the heights; None: no such score."""
        ...

    def rfm(self) -> RfmFact | None:
        """None where she has not ordered, or there are no cut points."""
        ...


@dataclass(slots=True)
class Facts:
    """The customer as seen at `now`; what came later does not count, even where it is in here.

    Never changed, though nothing forbids it: to forbid it would double what making one costs.

    `computed` is what the customer's events come to, `segments` the keys of those she is in, `events` the loaded events
    by name. `tallies` tells for a name how many events there were, when the first and when the last was (microseconds
    since 1970), or None where the events themselves must tell. `consents` holds `yes` or `no` by subject,
    `consent_ends` when a yes ends by itself. `standings` tells of scores and RFM, `records` of runs.
    `run_id`, `entry` and `context` are those of the run that asks, if one does.
    """

    now: datetime
    attributes: Mapping[str, Any]
    events: Mapping[str, Sequence[EventFact]] = field(default_factory=dict)
    consents: Mapping[str, str] = field(default_factory=dict)
    consent_ends: Mapping[str, datetime] = field(default_factory=dict)
    messages: Sequence[MessageFact] = ()
    computed: Mapping[str, Any] = field(default_factory=dict)
    segments: Collection[str] = ()
    tallies: Callable[[str], tuple[int, int, int] | None] | None = None
    standings: Standings | None = None
    records: Records | None = None
    run_id: str | None = None
    entry: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    _told: dict[str, tuple[int, datetime | None] | None] = field(default_factory=dict, compare=False)

    def tally(self, name: str) -> tuple[int, datetime | None] | None:
        """How many events of that name there were and when the last was; None where the events themselves must tell."""
        if name not in self._told:
            found = self.tallies(name) if self.tallies is not None else None
            told = None if found is None else (found[0], from_microseconds(found[2]) if found[0] else None)
            self._told[name] = told
        return self._told[name]


def by_name(events: Iterable[EventFact]) -> dict[str, list[EventFact]]:
    """Events as `Facts.events` wants them."""
    found: dict[str, list[EventFact]] = defaultdict(list)
    for event in events:
        found[event.name].append(event)
    return found
