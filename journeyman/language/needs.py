"""What has to be known of a customer before a condition can be judged."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from journeyman.language.channels import ATTRIBUTES
from journeyman.language.comparisons import AttributeCondition, Comparison, ComputedCondition, PropertyCondition
from journeyman.language.conditions import (
    ConsentCondition,
    EventSome,
    MessageCondition,
    OccurrenceCondition,
    SegmentCondition,
    meaning_of,
    walk,
)
from journeyman.language.defined import Defined
from journeyman.language.nodes import Node
from journeyman.language.paths import keys_of
from journeyman.language.records import InterestCondition, JourneyCondition, ReachableCondition, Wares
from journeyman.language.standing import PredictionCondition, RfmCondition, ScoreCondition
from journeyman.language.values import Reference

RFM_MEASURES: Final = frozenset({"orders", "revenue", "last_order_at"})
"""The computed attributes that recency, frequency and monetary value are made from."""


@dataclass(frozen=True, slots=True)
class Needs:
    """A union of needs is written `a | b`.

    `windows` has every event name with how far back its events count, None for all of them. `tallied` has the names of
    which a tally is enough, in the same way, for when there is none. `attributes`, `computed` and `properties` are the
    first keys of the paths that are read from the profile, from what it comes to and from events. `scores` are the keys
    of scores, `journeys` those of journeys, `interests` the wares of interests. `channels` are those on
    which it is asked whether messages come through. `timing` asks at which hours she answers.
    """

    windows: Mapping[str, dt.timedelta | None] = field(default_factory=dict)
    tallied: Mapping[str, dt.timedelta | None] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    scores: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    consents: bool = False
    messages: bool = False
    rfm: bool = False
    journeys: frozenset[str] = frozenset()
    interests: frozenset[Wares] = frozenset()
    channels: frozenset[str] = frozenset()
    predictions: frozenset[str] = frozenset()
    timing: bool = False

    @property
    def event_names(self) -> frozenset[str]:
        """The names of all events that are read, be it by their tally."""
        return frozenset(self.windows) | frozenset(self.tallied)

    @property
    def events(self) -> Mapping[str, dt.timedelta | None]:
        """How far back the events of each name count, where there is no tally."""
        return _together(self.windows, self.tallied)

    @property
    def unmeasured(self) -> "Needs":
        """These but for scores and RFM, for who keeps those anyway."""
        return replace(self, scores=frozenset(), rfm=False)

    def __or__(self, other: "Needs") -> "Needs":
        return Needs(
            _together(self.windows, other.windows),
            _together(self.tallied, other.tallied),
            self.attributes | other.attributes,
            self.computed | other.computed,
            self.segments | other.segments,
            self.scores | other.scores,
            self.properties | other.properties,
            self.consents or other.consents,
            self.messages or other.messages,
            self.rfm or other.rfm,
            self.journeys | other.journeys,
            self.interests | other.interests,
            self.channels | other.channels,
            self.predictions | other.predictions,
            self.timing or other.timing,
        )


def needs(condition: Node | None) -> Needs:
    """What judging `condition` reads: a `Condition`, an `EventCondition`, or None, which reads nothing."""
    found = Needs()
    for _, node in walk(condition) if condition is not None else ():
        found |= _own(node)
    return found


def _own(node: Node) -> Needs:
    match node:
        case Comparison():
            return _of_comparison(node)
        case Defined():
            return needs(meaning_of(node))
        case OccurrenceCondition():
            return _of_events(node)
        case _:
            own = _OWN.get(type(node))
            return own(node) if own is not None else Needs()


_OWN: Final[Mapping[type[Node], Callable[[Any], Needs]]] = {
    SegmentCondition: lambda node: Needs(segments=frozenset({node.segment})),
    ScoreCondition: lambda node: Needs(scores=frozenset({node.score})),
    RfmCondition: lambda _: Needs(computed=RFM_MEASURES, rfm=True),
    JourneyCondition: lambda node: Needs(journeys=frozenset({node.journey})),
    InterestCondition: lambda node: Needs(interests=frozenset({node.interest})),
    EventSome: lambda node: Needs(properties=frozenset(node.keys[:1])),
    PredictionCondition: lambda node: Needs(predictions=frozenset({node.prediction})),
    ReachableCondition: lambda node: reach_needs([node.reachable]),
    ConsentCondition: lambda _: Needs(consents=True),
    MessageCondition: lambda _: Needs(messages=True),
}


def reach_needs(channels: Iterable[str]) -> Needs:
    """What has to be known to tell whether messages on these channels come through."""
    names = frozenset(channels)
    attributes = frozenset(ATTRIBUTES[name] for name in names if name in ATTRIBUTES)
    return Needs(attributes=attributes, consents=True, channels=names)


def _of_events(node: OccurrenceCondition) -> Needs:
    window = node.within.timedelta if node.within is not None else None
    if node.is_tallied:
        return Needs(tallied={node.event: window})
    read = frozenset(keys_of(aggregate.property)[0] for _, aggregate in node.aggregates)
    return Needs(windows={node.event: window}, properties=read)


def _of_comparison(node: Comparison) -> Needs:
    attributes = {node.keys[0]} if isinstance(node, AttributeCondition) else set[str]()
    properties = {node.keys[0]} if isinstance(node, PropertyCondition) else set[str]()
    computed = {node.keys[0]} if isinstance(node, ComputedCondition) else set[str]()
    if isinstance(node.operand, Reference) and node.operand.source == "attribute":
        attributes.add(node.operand.keys[0])
    return Needs(attributes=frozenset(attributes), computed=frozenset(computed), properties=frozenset(properties))


def _together(
    one: Mapping[str, dt.timedelta | None], other: Mapping[str, dt.timedelta | None]
) -> dict[str, dt.timedelta | None]:
    windows = dict(one)
    for name, window in other.items():
        windows[name] = _longer(windows[name], window) if name in windows else window
    return windows


def _longer(one: dt.timedelta | None, other: dt.timedelta | None) -> dt.timedelta | None:
    return None if one is None or other is None else max(one, other)
