"""What has to be known of a customer before a condition can be judged."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.language.comparisons import AttributeCondition, Comparison, PropertyCondition
from journeyman.language.conditions import ConsentCondition, MessageCondition, OccurrenceCondition, walk
from journeyman.language.nodes import Node
from journeyman.language.paths import keys_of
from journeyman.language.values import Reference


@dataclass(frozen=True, slots=True)
class Needs:
    """A union of needs is written `a | b`.

    `windows` has every event name with how far back its events count, None for all of them. `attributes` and
    `properties` are the first keys of the paths that are read from the profile and from events.
    """

    windows: Mapping[str, dt.timedelta | None] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    consents: bool = False
    messages: bool = False

    @property
    def event_names(self) -> frozenset[str]:
        return frozenset(self.windows)

    def __or__(self, other: "Needs") -> "Needs":
        windows = dict(self.windows)
        for name, window in other.windows.items():
            windows[name] = _longer(windows[name], window) if name in windows else window
        return Needs(
            windows,
            self.attributes | other.attributes,
            self.properties | other.properties,
            self.consents or other.consents,
            self.messages or other.messages,
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
        case OccurrenceCondition():
            window = node.within.timedelta if node.within is not None else None
            read = frozenset(keys_of(aggregate.property)[0] for _, aggregate in node.aggregates)
            return Needs(windows={node.event: window}, properties=read)
        case ConsentCondition():
            return Needs(consents=True)
        case MessageCondition():
            return Needs(messages=True)
        case _:
            return Needs()


def _of_comparison(node: Comparison) -> Needs:
    attributes = {node.keys[0]} if isinstance(node, AttributeCondition) else set[str]()
    properties = {node.keys[0]} if isinstance(node, PropertyCondition) else set[str]()
    if isinstance(node.operand, Reference) and node.operand.source == "attribute":
        attributes.add(node.operand.keys[0])
    return Needs(attributes=frozenset(attributes), properties=frozenset(properties))


def _longer(one: dt.timedelta | None, other: dt.timedelta | None) -> dt.timedelta | None:
    return None if one is None or other is None else max(one, other)
