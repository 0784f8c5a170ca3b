"""Whether something that happens opens the door of a journey, and with which entry the run begins (E1, E2, E5)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from journeyman.journeys.happenings import Happening, change_of
from journeyman.journeys.intake.entries import correlation_of
from journeyman.journeys.runs import Run
from journeyman.language.definition import Definition
from journeyman.language.entry import Entry
from journeyman.language.facts import EventFact, Facts
from journeyman.language.paths import lookup
from journeyman.language.readings import matches
from journeyman.language.starters.attribute_change import AttributeEntry
from journeyman.language.starters.event import EventEntry
from journeyman.language.starters.journey import JourneyEntry
from journeyman.language.starters.segment import SegmentEntry

Opened = Mapping[str, Any]
COLLECTED: Final = "collected"
"""Where the entry has what `collect` has gathered."""
MOST_COLLECTED: Final = 500
FROM: Final = "from"
"""Where the entry of a run that another one started says which one that was."""


def opening(definition: Definition, happening: Happening, facts: Facts) -> Opened | None:
    """The entry with which a run would begin; None where this is not what the journey starts on."""
    entry = definition.entry
    properties = happening.fact.properties
    match entry:
        case EventEntry():
            return properties if _is_the_one(definition, entry, happening.fact, facts) else None
        case AttributeEntry():
            return change_of(entry, happening)
        case _:
            return properties if is_meant(entry, properties, facts) else None


def is_meant(entry: Entry, properties: Mapping[str, Any], facts: Facts) -> bool:
    """Whether an event with these properties, and of a name that starts the journey, is one that it means."""
    match entry:
        case EventEntry():
            return matches(entry.where, properties, facts)
        case SegmentEntry():
            return properties.get("segment") == entry.segment
        case JourneyEntry():
            return _follows(entry, properties.get(FROM))
        case _:
            return True


def _follows(entry: JourneyEntry, told: object) -> bool:
    if not isinstance(told, Mapping) or told.get("journey") != entry.journey:
        return False
    if entry.step is not None:
        return told.get("step") == entry.step
    return entry.outcome is None or told.get("outcome") == entry.outcome


def _is_the_one(definition: Definition, entry: EventEntry, event: EventFact, facts: Facts) -> bool:
    """Whether the event matches, and is the nth that does where a `count` is asked for."""
    if not matches(entry.where, event.properties, facts):
        return False
    if entry.count is None:
        return True
    if entry.is_tallied:
        tallied = facts.tally(event.name)
        if tallied is not None:
            return tallied[0] == entry.count
    return _number(definition, entry, event, facts) == entry.count


def _number(definition: Definition, entry: EventEntry, event: EventFact, facts: Facts) -> int:
    """How many matching events there are with this one, of the same correlation key, no further apart than `within`.

    The window ends at the newest of them, so that one that comes late is counted with those that it belongs to. An
    event that lies before the window counts for nothing.
    """
    mine = correlation_of(definition, event.properties)
    found = [
        one
        for one in facts.events.get(event.name, ())
        if correlation_of(definition, one.properties) == mine and matches(entry.where, one.properties, facts)
    ]
    if entry.within is None:
        return len(found)
    start = max((one.at for one in found), default=event.at) - entry.within.timedelta
    return sum(one.at > start for one in found) if event.at > start else 0


def gathered(definition: Definition, entry: dict[str, Any], before: Run | None) -> dict[str, Any]:
    """The entry, with what `collect` gathers from it and from the run whose place it takes; each value once (E4)."""
    path = definition.entry.collect
    if path is None:
        return entry
    earlier = before.entry.get(COLLECTED, []) if before is not None else []
    products = entry.get("products")
    places = [entry, *(one for one in (products if isinstance(products, list) else []) if isinstance(one, dict))]
    found = [value for place in places if isinstance(value := lookup(place, path), str | int | float)]
    return {**entry, COLLECTED: list(dict.fromkeys([*earlier, *found]))[-MOST_COLLECTED:]}


def lag(definition: Definition, behind: timedelta) -> Mapping[str, timedelta]:
    """How far back the events of a counting starter are wanted when the oldest one to decide is `behind` the present.

    By the name of the event; the newest of the counted ones may be as old as that.
    """
    entry = definition.entry
    if not isinstance(entry, EventEntry) or entry.within is None or behind <= timedelta():
        return {}
    return {entry.event: entry.within.timedelta + behind}
