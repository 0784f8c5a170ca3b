"""Invented customers, each her own: where she lives, what she agreed to, and what she does to the journey."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from journeyman.language.comparisons import PropertyCondition
from journeyman.language.conditions import EventCondition, walk
from journeyman.language.definition import Definition
from journeyman.language.paths import keys_of
from journeyman.language.starters.event import EventEntry
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.values import Reference

ZONES: Final = (
    "Pacific/Honolulu", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "UTC", "Europe/London",
    "Europe/Riga", "Africa/Cairo", "Asia/Dubai", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
NAMES: Final = ("Ann", "Bob", "Cid", "Dora", "Ewa", "Finn", "Gia", "Hugo", "Ida", "Jan")
AGREES: Final = 0.8
HAS_ADDRESS: Final = 0.95
KNOWN_ZONE: Final = 0.9
ACTS: Final = 0.25
"""How likely she does each further thing that the journey listens to."""
ENTERS_WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deed:
    """An event, so long after the beginning."""

    after: timedelta
    event: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invented:
    """One customer, and what she is going to do."""

    id: str
    attributes: dict[str, Any]
    consents: dict[str, str]
    deeds: Sequence[Deed]


def invent(definition: Definition, count: int, lasts: timedelta, seed: int = 1) -> list[Invented]:
    """The same customers for the same seed; none is a real person."""
    return [_one(definition, random.Random(f"{seed}/{number}"), number, lasts) for number in range(1, count + 1)]


def typical(definition: Definition) -> Invented:
    """The customer whom the journey is made for: she can be reached, enters, and does nothing more."""
    attributes = {"email": "ann@example.com", "firstName": "Ann", "timezone": "UTC"}
    deeds = [Deed(timedelta(0), definition.entry.event, _properties(definition, "1"))] if _on_event(definition) else []
    return Invented("customer-1", attributes, {"email": "yes", definition.topic: "yes"}, deeds)


def _one(definition: Definition, chance: random.Random, number: int, lasts: timedelta) -> Invented:
    attributes: dict[str, Any] = {"firstName": chance.choice(NAMES)}
    if chance.random() < HAS_ADDRESS:
        attributes["email"] = f"customer-{number}@example.com"
    if chance.random() < KNOWN_ZONE:
        attributes["timezone"] = chance.choice(ZONES)
    consents = {"email": "yes"} if chance.random() < AGREES else {}
    deeds: list[Deed] = []
    if _on_event(definition):
        at = chance.random() * ENTERS_WITHIN
        properties = _properties(definition, str(number))
        deeds = [Deed(at, definition.entry.event, properties), *_further(definition, chance, at, lasts, properties)]
    return Invented(f"customer-{number}", attributes, consents, deeds)


def _further(
    definition: Definition, chance: random.Random, entered: timedelta, lasts: timedelta, properties: dict[str, Any]
) -> list[Deed]:
    listens = sorted(_events(definition))
    return [
        # Most of what people do they do soon.
        Deed(entered + min(timedelta(days=chance.expovariate(1 / 3)), lasts), event, properties)
        for event in listens
        if chance.random() < ACTS
    ]


def _on_event(definition: Definition) -> bool:
    return isinstance(definition.entry, EventEntry)


def _events(definition: Definition) -> set[str]:
    """What the journey listens to beside its start."""
    rules = {rule.event for rule in (*definition.exit, *definition.goals)}
    waits = [step for step in definition.steps if isinstance(step, WaitForStep)]
    return rules | {branch.event for step in waits for branch in step.wait_for.branches if branch.event is not None}


def _properties(definition: Definition, tag: str) -> dict[str, Any]:
    """Properties that let the event through the entry's `where`, as far as that is plain, and tell her run apart."""
    found: dict[str, Any] = {"product_id": "p-1", "name": "Shoes", "price": 49.9, "currency": "EUR", "revenue": 49.9}
    entry = definition.entry
    if isinstance(entry, EventEntry) and entry.where is not None:
        for keys, value in _asked(entry.where):
            _put(found, keys, value)
    if entry.correlate is not None:
        _put(found, keys_of(entry.correlate), f"{entry.correlate}-{tag}")
    return found


def _asked(where: EventCondition) -> list[tuple[tuple[str, ...], Any]]:
    plain = [node for _, node in walk(where) if isinstance(node, PropertyCondition)]
    return [
        (tuple(node.keys), node.operand)
        for node in plain
        if node.operator in {"equals", "gte", "lte"} and not isinstance(node.operand, Reference)
    ]


def _put(document: dict[str, Any], keys: Sequence[str], value: Any) -> None:  # noqa: ANN401 - any JSON value
    for key in keys[:-1]:
        document = document.setdefault(key, {})
    document[keys[-1]] = value
