"""What is kept event by event, held against what the stored events come to; and put right, where that is wished.

Customers are gone through by id, some at a time, each lot in a transaction of its own: as they stood at one instant,
or, to put them right, locked as intake locks them. In memory is only the lot, however many events it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.profile import repository as profiles
from journeyman.customers.profile.computed import Document, fold, public
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.instants import microseconds

LOT: Final = 200
EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Something of one customer that is kept as one thing and comes to another."""

    customer_id: str
    what: str
    kept: Any
    rebuilt: Any


@dataclass(slots=True)
class Difference:
    """Something that is not what it should be, for how many customers, with some of them."""

    what: str
    customers: int = 0
    examples: list[Found] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What came out of a rebuild."""

    customers: int = 0
    differing: int = 0
    differences: dict[str, Difference] = field(default_factory=dict)

    def add(self, customer_ids: Sequence[str], found: Sequence[Found]) -> None:
        self.customers += len(customer_ids)
        self.differing += len({one.customer_id for one in found})
        for one in found:
            difference = self.differences.setdefault(one.what, Difference(one.what))
            difference.customers += 1
            if len(difference.examples) < EXAMPLES:
                difference.examples.append(one)


class Check(Protocol):
    """One kind of thing that is kept and can be made anew."""

    async def examine(self, connection: AsyncConnection, persons: Sequence[Person], now: datetime) -> list[Found]:
        """What differs of these profiles. They are changed to what is right, and marked so; who asks may save them.

        A profile may have been put right by a check before this one.
        """
        ...

    async def repair(self, connection: AsyncConnection, found: Sequence[Found], now: datetime) -> None:
        """Write what is right and does not stand in the profile itself."""
        ...


class ComputedCheck:
    """Computed attributes, from every stored event."""

    async def examine(self, connection: AsyncConnection, persons: Sequence[Person], now: datetime) -> list[Found]:
        del now
        documents = await rebuild_computed(connection, [person.id for person in persons])
        found = []
        for person in persons:
            rebuilt = documents[person.id]
            if person.computed != rebuilt:
                found += _differences(person, rebuilt)
                person.computed, person.is_changed = rebuilt, True
        return found

    async def repair(self, connection: AsyncConnection, found: Sequence[Found], now: datetime) -> None:
        """Segments may hang on what has changed: they are judged soon."""
        await customers.recheck(connection, sorted({one.customer_id for one in found}), now)


async def rebuild_computed(connection: AsyncConnection, customer_ids: Sequence[str]) -> dict[str, Document]:
    """The documents of these customers from all their stored events, none of which is kept in memory."""
    documents: dict[str, Document] = {customer_id: {} for customer_id in customer_ids}
    async for customer_id, name, at, properties, context in profiles.stream_events(connection, customer_ids):
        fold(documents[customer_id], name, at, microseconds(at), properties, context)
    return documents


def _differences(person: Person, rebuilt: Document) -> list[Found]:
    kept, right = public(person.computed), public(rebuilt)
    names = sorted(name for name in kept.keys() | right.keys() if kept.get(name) != right.get(name))
    found = [Found(person.id, f"computed.{name}", kept.get(name), right.get(name)) for name in names]
    # What the figures are made from may be wrong while they are not wrong yet.
    return found or [Found(person.id, "computed, what it is made from", None, None)]


class Rebuilding:
    """Goes through all customers."""

    def __init__(self, database: Database, clock: Clock, checks: Sequence[Check]) -> None:
        self.database = database
        self.clock = clock
        self.checks = checks

    async def run(self, *, repair: bool, tell: Callable[[int], None] | None = None) -> Report:
        """Compare everybody, and write what is right if so wished; `tell` is called with how many were gone through."""
        report = Report()
        after = ""
        while ids := await self._next(after):
            after = ids[-1]
            report.add(ids, await (self._repair(ids) if repair else self._compare(ids)))
            if tell is not None:
                tell(report.customers)
        return report

    async def _next(self, after: str) -> list[str]:
        async with self.database.reading() as connection:
            return await customers.ids_after(connection, after, LOT)

    async def _compare(self, ids: Sequence[str]) -> list[Found]:
        now = self.clock.now()
        async with self.database.snapshot() as connection:
            persons = await customers.read_profiles(connection, ids)
            return [one for check in self.checks for one in await check.examine(connection, persons, now)]

    async def _repair(self, ids: Sequence[str]) -> list[Found]:
        now = self.clock.now()
        async with self.database.transaction() as connection:
            locked = await customers.lock_profiles(connection, ids)
            persons = [person for person in locked if person.merged_into is None and person.id in ids]
            found = [(check, await check.examine(connection, persons, now)) for check in self.checks]
            await customers.save_people(connection, persons, now)
            for check, differing in found:
                if differing:
                    await check.repair(connection, differing, now)
        return [one for _, differing in found for one in differing]
