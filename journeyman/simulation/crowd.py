"""Invented customers, each her own: where she lives, what she agreed to, and what she does to the journey.

Where the journey has tests, half of the customers live through one of them, each at a time of her own and with products
of her own: a test says what has to happen before, to the catalogue, to a segment or to an attribute, so that somebody
enters. What they do beyond that is invented for all alike.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.language.cases import Case
from journeyman.language.comparisons import PropertyCondition
from journeyman.language.conditions import EventCondition, walk
from journeyman.language.definition import Definition
from journeyman.language.paths import keys_of
from journeyman.language.starters.api import ApiEntry
from journeyman.language.starters.attribute_change import AttributeEntry
from journeyman.language.starters.date import DateEntry
from journeyman.language.starters.event import EventEntry
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.triggers import EventTrigger
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
LIVES_A_TEST: Final = 0.5
"""How many live through a test of the journey, where it has any."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happens, so long after the beginning; what comes before it is history, and starts nothing.

    It is an event; or, with `product`, what the shop tells of one; or where there is neither, a call for an entry.
    """

    after: timedelta
    event: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] | None = None
    product: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Invented:
    """One customer, and what she is going to do."""

    id: str
    attributes: Mapping[str, Any]
    consents: Mapping[str, str]
    deeds: Sequence[Deed]


def invent(definition: Definition, count: int, begins: datetime, lasts: timedelta, seed: int = 1) -> list[Invented]:
    """The same customers for the same seed; none is a real person."""
    return [
        _one(definition, random.Random(f"{seed}/{number}"), number, begins, lasts) for number in range(1, count + 1)
    ]


def typical(definition: Definition, begins: datetime) -> Invented:
    """The customer whom the journey is made for: she can be reached, enters, and does nothing more."""
    attributes = {"email": "ann@example.com", "firstName": "Ann", "timezone": "UTC"}
    consents = {"email": "yes", definition.topic: "yes"}
    first = list(_starts(definition, timedelta(0), "1"))
    return Invented("customer-1", attributes | _dates(definition, begins, timedelta(days=1)), consents, first)


def _one(definition: Definition, chance: random.Random, number: int, begins: datetime, lasts: timedelta) -> Invented:
    attributes: dict[str, Any] = {"firstName": chance.choice(NAMES)}
    if chance.random() < HAS_ADDRESS:
        attributes["email"] = f"customer-{number}@example.com"
    if chance.random() < KNOWN_ZONE:
        attributes["timezone"] = chance.choice(ZONES)
    consents = {"email": "yes"} if chance.random() < AGREES else {}
    at = chance.random() * ENTERS_WITHIN
    if definition.tests and chance.random() < LIVES_A_TEST:
        case = chance.choice(definition.tests)
        deeds = list(_lives(case, at, str(number)))
        attributes = {key: one for key, one in case.given.customer.attributes.items() if key != "email"} | attributes
        consents = consents and {**case.given.customer.consents, **consents}
    else:
        deeds = list(_starts(definition, at, str(number)))
    attributes |= _dates(definition, begins, chance.random() * lasts)
    further = _further(definition, chance, at, lasts, str(number))
    return Invented(f"customer-{number}", attributes, consents, [*deeds, *further])


def _lives(case: Case, at: timedelta, tag: str) -> Iterator[Deed]:
    """What happens in a test, all of it so much later, to products of her own."""
    own = {one.document["id"]: f"{one.document['id']}-{tag}" for one in case.products if "id" in one.document}
    for product in case.products:
        yield Deed(at + product.at.timedelta, product=_renamed(product.document, own))
    for event in case.events:
        after = at + event.at.timedelta
        yield Deed(after, event.event, _renamed(event.properties, own), event.traits or None)
    if case.enter is not None:
        yield Deed(at + case.enter.at.timedelta, None, case.enter.context)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """The same with other ids."""
    if isinstance(value, Mapping):
        return {key: _renamed(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _starts(definition: Definition, at: timedelta, tag: str) -> Iterator[Deed]:
    """What brings the customer in, as far as a deed does: segments, dates and schedules need none."""
    entry = definition.entry
    if isinstance(entry, EventEntry):
        for _ in range(entry.count or 1):
            yield Deed(at, entry.event, _properties(definition, tag))
    elif isinstance(entry, AttributeEntry) and entry.attribute is not None:
        changed: dict[str, Any] = {}
        _put(changed, keys_of(entry.attribute), entry.changes_to if entry.changes_to is not None else f"new-{tag}")
        yield Deed(at, "Identified", traits=changed)
    elif isinstance(entry, ApiEntry):
        yield Deed(at, None, _properties(definition, tag))
    elif isinstance(entry, DateEntry) and entry.event is not None:
        yield Deed(at, entry.event, _properties(definition, tag))


def _dates(definition: Definition, begins: datetime, ahead: timedelta) -> dict[str, Any]:
    """The date of the profile on which the journey starts, so far ahead."""
    found: dict[str, Any] = {}
    if isinstance(definition.entry, DateEntry) and definition.entry.attribute is not None:
        _put(found, keys_of(definition.entry.attribute), (begins + ahead).date().isoformat())
    return found


def _further(
    definition: Definition, chance: random.Random, entered: timedelta, lasts: timedelta, tag: str
) -> Iterator[Deed]:
    """Some of what the journey listens to. Most of what people do they do soon."""
    for event in sorted(_events(definition)):
        if chance.random() < ACTS:
            after = entered + min(timedelta(days=chance.expovariate(1 / 3)), lasts)
            yield Deed(after, event, _properties(definition, tag))


def _events(definition: Definition) -> set[str]:
    """What the journey listens to beside its start."""
    rules = {one.event for one in (*definition.exit, *definition.goals) if isinstance(one, EventTrigger)}
    waits = [step for step in definition.steps if isinstance(step, WaitForStep)]
    return rules | {branch.event for step in waits for branch in step.wait_for.branches if branch.event is not None}


def _properties(definition: Definition, tag: str) -> dict[str, Any]:
    """Properties that let the event through the entry's `where`, as far as that is plain, and tell her run apart."""
    found: dict[str, Any] = {"product_id": "p-1", "name": "Shoes", "price": 49.9, "currency": "EUR", "revenue": 49.9}
    entry = definition.entry
    if isinstance(entry, EventEntry | DateEntry) and entry.where is not None:
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
