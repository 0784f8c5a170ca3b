"""Which dates of a customer a journey waits for, and when each comes due. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from journeyman.catalog.categories import lineage
from journeyman.catalog.products import Product
from journeyman.customers.zones import Place
from journeyman.journeys.dates.replenishment import Purchase, purchases, runs_out
from journeyman.journeys.dates.rules import DateRule
from journeyman.language.calendar import MINUTE, share
from journeyman.language.facts import Facts
from journeyman.language.paths import lookup
from journeyman.language.readings import matches
from journeyman.language.starters.date import DateEntry, Replenishment

NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Systems write years such as 9999 for what never comes."""
LONGEST: Final = 200
"""Characters of an occasion."""


class Found(NamedTuple):
    """A date of a customer's: `value` as it was read, by which it is known, and `date`, from which it is reckoned."""

    occasion: str
    value: str
    date: str
    entry: Mapping[str, Any]


class Due(NamedTuple):
    """A row of `due_dates`."""

    journey: str
    customer_id: str
    occasion: str
    rule: str
    value: str
    occurrence: str
    at: datetime
    time_zone: str
    rung: str
    entry: Mapping[str, Any]


def dates_of(entry: DateEntry, facts: Facts, products: Mapping[str, Product]) -> Iterator[Found]:
    """The dates that a starter reads of a customer; `products` are those of the catalogue that she has bought."""
    if entry.replenishment is not None:
        yield from _running_out(entry.replenishment, facts, products)
    elif entry.event is not None:
        yield from _of_events(entry, facts)
    else:
        document = facts.attributes if entry.attribute is not None else facts.computed
        value = lookup(document, entry.attribute or entry.computed or "")
        if isinstance(value, str):
            yield Found("", value, value, {})


def _of_events(entry: DateEntry, facts: Facts) -> Iterator[Found]:
    """Each event has a date of its own; of those with one correlation key it is the newest event's."""
    newest: dict[str, Found] = {}
    for event in sorted(facts.events.get(entry.event or "", ()), key=lambda event: (event.at, event.seq)):
        if not matches(entry.where, event.properties, facts):
            continue
        occasion = _occasion(entry, event.properties, event.seq)
        value = lookup(event.properties, entry.property_ or "")
        if occasion is not None and isinstance(value, str):
            newest[occasion] = Found(occasion, value, value, event.properties)
        elif occasion is not None:
            newest.pop(occasion, None)
    yield from newest.values()


def _occasion(entry: DateEntry, properties: Mapping[str, Any], seq: int) -> str | None:
    if entry.correlate is None:
        return str(seq)
    found = lookup(properties, entry.correlate)
    if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
        return None
    text = str(found)
    # No longer than an index takes.
    return text if len(text) <= LONGEST else hashlib.sha256(text.encode()).hexdigest()


def _running_out(wanted: Replenishment, facts: Facts, products: Mapping[str, Product]) -> Iterator[Found]:
    for product_id, bought in bought_by(facts).items():
        product = products.get(product_id)
        if not _is_wanted(wanted, product_id, product):
            continue
        ends = runs_out(bought, product.replenishment_days if product is not None else None)
        if ends is None:
            continue
        lead = wanted.lead.timedelta if wanted.lead is not None else timedelta()
        last = bought[-1]
        entry = {
            "product_id": product_id,
            "last_bought_at": last.at.isoformat(),
            "quantity": last.pieces,
            "lasts_days": round(ends.days, 2),
            "reckoned_by": ends.by,
            "runs_out_at": ends.at.isoformat(),
        }
        yield Found(product_id, last.at.isoformat(), (ends.at - lead).isoformat(), entry)


def bought_by(facts: Facts) -> dict[str, list[Purchase]]:
    """What a customer has bought, by product."""
    return purchases(
        event
        for name in ("Order Completed", "Order Refunded", "Order Cancelled")
        for event in facts.events.get(name, ())
    )


def _is_wanted(wanted: Replenishment, product_id: str, product: Product | None) -> bool:
    if wanted.product is not None:
        return product_id == wanted.product
    return wanted.category is None or (product is not None and wanted.category in lineage(product.categories))


def due(
    rule: DateRule, customer_id: str, found: Found, place: Place, before: Due | None, after: datetime
) -> Due | None:
    """When a date comes due after an instant; None where it is past, or none.

    The time that the customer waits for already stays hers as long as the date is the same, wherever another zone moves
    it, even if it has gone by: she would be skipped.
    """
    entry = rule.entry
    occurrence = None
    if before is not None and (before.rule, before.value) == (rule.digest, found.value):
        occurrence = entry.again(before.occurrence, found.date, place.zone)
    if occurrence is None:
        occurrence = entry.next(found.date, place.zone, after)
    if occurrence is None or occurrence.at >= NEVER:
        return None
    key = found.value if entry.repeat == "once" else occurrence.key
    told = {
        "date": found.value,
        "at": occurrence.at.isoformat(),
        "occurrence": key,
        "time_zone": place.zone.key,
        "rung": place.rung,
    }
    at = occurrence.at + jitter(rule, customer_id, occurrence.at)
    identity = (rule.journey, customer_id, found.occasion, rule.digest, found.value, key)
    return Due(*identity, at, place.zone.key, place.rung, {**found.entry, "due": told})


def jitter(rule: DateRule, customer_id: str, at: datetime) -> timedelta:
    """The customer's own share of the time over which many are spread: always the same, and even over many (W8)."""
    spread = rule.entry.spread.timedelta if rule.entry.spread is not None else MINUTE
    if rule.entry.spread is None and (at.second or at.microsecond):
        return timedelta()
    return share(f"{rule.journey}/{customer_id}") * spread


def message_id(one: Due) -> str:
    """The same for one occurrence of one date however often it is told: each starts one run at most."""
    named = f"{one.journey}\n{one.customer_id}\n{one.occasion}\n{one.value}\n{one.occurrence}"
    return "date_" + hashlib.sha256(named.encode()).hexdigest()[:32]


def has_entered(entry: DateEntry, properties: Mapping[str, Any], past: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the past entries was for the same year, of a date that comes every year and has moved since."""
    return entry.repeat == "yearly" and any(_year_of(one) == _year_of(properties) for one in past)


def _year_of(properties: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    told = properties.get("due")
    return told.get("occurrence") if isinstance(told, Mapping) else None


def still_stands(entry: DateEntry, properties: Mapping[str, Any], facts: Facts) -> bool:
    """Whether the date that has come due is still the customer's: it may have moved since, or the thing been bought."""
    told = properties.get("due")
    value = told.get("date") if isinstance(told, Mapping) else None
    if entry.replenishment is not None:
        bought = bought_by(facts).get(str(properties.get("product_id")))
        return bought is not None and bought[-1].at.isoformat() == value
    if entry.event is not None and entry.correlate is None:
        return True
    occasion = _occasion(entry, properties, 0) if entry.correlate is not None else ""
    return any((one.occasion, one.value) == (occasion, value) for one in dates_of(entry, facts, {}))
