"""Having the dates of locked customers in the table as their profiles and events say: a handful of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog import repository as catalog
from journeyman.catalog.products import Product
from journeyman.customers import repository as customers
from journeyman.customers.attributes import Change
from journeyman.customers.identity import Person
from journeyman.customers.zones import place_of
from journeyman.journeys.dates import repository
from journeyman.journeys.dates.reckoning import Due, bought_by, dates_of, due
from journeyman.journeys.dates.rules import DateRule, DateRules
from journeyman.journeys.facts import Known
from journeyman.language.facts import EventFact, Facts
from journeyman.language.instants import BEFORE_ALL

Wanted = Mapping[str, Collection[str]]
"""The journeys of which a customer's dates have to be reckoned, by customer."""
NOTHING: Final[Mapping[str, Product]] = {}


@dataclass(slots=True)
class Moved:
    """Whose dates the events of a batch may have moved, gathered while it is decided."""

    rules: DateRules
    touched: dict[str, set[str]] = field(default_factory=dict)

    def note(self, person: Person, event: str, changes: Iterable[Change]) -> None:
        """Take in an event of somebody's. Costs next to nothing where it moves no date."""
        if not self.rules:
            return
        moved = self.rules.moved_by(event, (change.attribute for change in changes))
        if moved:
            self.touched.setdefault(person.id, set()).update(moved)

    async def save(
        self, connection: AsyncConnection, persons: Iterable[Person], merges: Sequence[tuple[str, str]], now: datetime
    ) -> None:
        """Write what has moved, once the events and the profiles are written; of merged profiles all of it."""
        if not self.rules or not (self.touched or merges):
            return
        gone = {loser for loser, _ in merges}
        wanted: dict[str, set[str]] = {}
        mine = {person.id: person for person in persons}
        for customer_id, journeys in self.touched.items():
            wanted.setdefault(mine[customer_id].survivor.id, set()).update(journeys)
        for _, survivor in merges:
            wanted[mine[survivor].survivor.id] = set(self.rules.by_key)
        await settle(connection, [mine[one] for one in wanted], self.rules, wanted, now=now, gone=gone)


async def settle(
    connection: AsyncConnection,
    persons: Sequence[Person],
    rules: DateRules,
    wanted: Wanted,
    *,
    now: datetime,
    since: datetime | None = None,
    gone: Collection[str] = (),
) -> None:
    """Reckon these locked customers' dates of the wanted journeys, and write what is another than before.

    Dates before `since`, by default now, are past. Of customers who are `gone`, having been merged, none are left.
    """
    before = await repository.of_customers(connection, {*(person.id for person in persons), *gone})
    kept = {(one.journey, one.customer_id, one.occasion): one for one in before}
    seen = await _facts(connection, persons, rules, wanted, now)
    products = await _products(connection, rules, wanted, seen)
    after: dict[tuple[str, str, str], Due] = {}
    for person in persons:
        for key in wanted[person.id]:
            for one in _reckon(rules.by_key[key], person, seen[person.id], products, kept, since or now):
                after[one.journey, one.customer_id, one.occasion] = one
    mine = {key for key in kept if key[1] in gone or key[0] in wanted.get(key[1], ())}
    changed = [one for key, one in after.items() if kept.get(key) != one]
    stale = [kept[key] for key in sorted(mine) if key not in after or kept[key] != after[key]]
    await repository.save(connection, stale, changed)


def _reckon(
    rule: DateRule,
    person: Person,
    facts: Facts,
    products: Mapping[str, Product],
    kept: Mapping[tuple[str, str, str], Due],
    since: datetime,
) -> Iterable[Due]:
    place = place_of(person.attributes, rule.journey_zone, rule.workspace_zone)
    for found in dates_of(rule.entry, facts, products):
        before = kept.get((rule.journey, person.id, found.occasion))
        one = due(rule, person.id, found, place, before, since)
        if one is not None:
            yield one


async def _facts(
    connection: AsyncConnection, persons: Sequence[Person], rules: DateRules, wanted: Wanted, now: datetime
) -> dict[str, Facts]:
    """The customers with the events that bring dates."""
    read = {
        (customer_id, name, BEFORE_ALL)
        for customer_id, journeys in wanted.items()
        for key in journeys
        for name in rules.by_key[key].entry.sources
    }
    known = {person.id: Known() for person in persons}
    for customer_id, name, at, seq, properties in await customers.events_of(connection, sorted(read)):
        known[customer_id].events[name].append(EventFact(name, at, seq, properties))
    return {
        person.id: known[person.id].facts(person.attributes, now, computed=person.computed, segments=person.segments)
        for person in persons
    }


async def _products(
    connection: AsyncConnection, rules: DateRules, wanted: Wanted, seen: Mapping[str, Facts]
) -> Mapping[str, Product]:
    """The products that the customers have bought, where something that runs out is wanted."""
    buyers = [
        customer_id
        for customer_id, journeys in wanted.items()
        if any(rules.by_key[key].entry.replenishment is not None for key in journeys)
    ]
    bought = {product_id for customer_id in buyers for product_id in bought_by(seen[customer_id])}
    if not bought:
        return NOTHING
    return {key: stored.product for key, stored in (await catalog.find_products(connection, bought)).items()}
