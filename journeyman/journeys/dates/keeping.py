"""Keeping dates without an event: letting in those who come due, and reckoning everybody's for a new rule.

Whoever keeps dates may be stopped at any point: what is still to be done stands in the rows. A date that has come due
becomes an event in the inbox, in the transaction that takes its row away or moves it to the next year.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.inbox import repository as inbox
from journeyman.customers.zones import Place
from journeyman.journeys.dates import repository
from journeyman.journeys.dates.reckoning import Due, Found, due, message_id
from journeyman.journeys.dates.repository import Build, Dated
from journeyman.journeys.dates.rules import DateRule, DateRules, rule_of, rules_of
from journeyman.journeys.dates.settling import settle
from journeyman.journeys.direct import entering
from journeyman.journeys.published import Published, Shelf
from journeyman.journeys.repository import lock_partitions
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database

AT_ONCE: Final = 500
"""Customers in one transaction, which holds their locks."""
STOPPED: Final = ""
"""The rule of a journey that waits for no dates any more."""
NOBODY: Final = ""
"""Before the first customer."""


class DateKeeper:
    """Lets customers in whose dates come due, and reckons dates for journeys that are new or changed."""

    def __init__(self, database: Database, clock: Clock, workspace_zone: str) -> None:
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.shelf = Shelf()

    async def fire(self) -> int:
        """Let those in whose dates have come due; returns how many, 0 where there was nothing to do."""
        now = self.clock.now()
        async with self.database.reading() as connection:
            rules = rules_of((await self.shelf.starters(connection)).published, self.workspace_zone)
            digests = {key: rule.digest for key, rule in rules.by_key.items()}
            if not rules or not await repository.any_due(connection, digests, now):
                return 0
        async with self.database.transaction() as connection:
            found = await repository.lock_due(connection, digests, now, AT_ONCE)
            await self._let_in(connection, found, now)
            again = [later for one in found if (later := _later(rules.by_key[one.journey], one)) is not None]
            await repository.save(connection, found, again)
        return len(found)

    async def _let_in(self, connection: AsyncConnection, found: Sequence[Due], now: datetime) -> None:
        named = await customers.addressees(connection, {one.customer_id for one in found})
        events = [
            entering(named[one.customer_id], message_id(one), one.journey, now, dict(one.entry))
            for one in found
            if one.customer_id in named
        ]
        await inbox.append_in(connection, events, now)

    async def build(self) -> int:
        """Reckon some customers' dates anew; about how many customers it was, 0 where there was nothing to do."""
        return await self._anew() or await self._build()

    async def _anew(self) -> int:
        """For customers whose events have changed hands."""
        async with self.database.reading() as connection:
            asked = await repository.asked_anew(connection, AT_ONCE)
        if not asked:
            return 0
        async with self.database.transaction() as connection:
            persons = _survivors(await customers.lock_profiles(connection, asked))
            rules = rules_of((await self.shelf.starters(connection)).published, self.workspace_zone)
            wanted = {person.id: set(rules.by_key) for person in persons}
            await settle(connection, persons, rules, wanted, now=self.clock.now())
            await repository.done_anew(connection, asked)
        return len(asked)

    async def _build(self) -> int:
        """For a journey that is new or was changed, the next page of customers."""
        async with self.database.reading() as connection:
            journeys = await repository.dated(connection)
            known = {build.key: build for build in await repository.builds(connection)}
            if not journeys and not known:
                return 0
            rules = await self._rules(connection, [one for one in journeys if one.state == "live"])
        await self._begin(journeys, rules, known)
        async with self.database.reading() as connection:
            builds = [one for one in await repository.builds(connection) if one.after is not None]
        # What is paused is reckoned once it goes on.
        unbuilt = [one for one in builds if one.rule == STOPPED or one.key in rules.by_key]
        if not unbuilt:
            return 0
        return await self._page(unbuilt[0], rules)

    async def _rules(self, connection: AsyncConnection, journeys: Sequence[Dated]) -> DateRules:
        definitions = await self.shelf.definitions(connection, [one.hash for one in journeys])
        published = [Published(one.key, one.version, one.hash, definitions[one.hash]) for one in journeys]
        found = (rule_of(one, self.workspace_zone) for one in published)
        return DateRules(rule for rule in found if rule is not None)

    async def _begin(self, journeys: Sequence[Dated], rules: DateRules, known: dict[str, Build]) -> None:
        """Note the journeys whose rule is another than the one that their dates were reckoned by."""
        now = self.clock.now()
        states = {one.key: one for one in journeys}
        changed = [
            Build(key, rule.digest, _since(states[key], known.get(key), now), NOBODY)
            for key, rule in rules.by_key.items()
            if key not in known or known[key].rule != rule.digest
        ]
        over = {key for key, build in known.items() if build.rule != STOPPED and _is_over(states.get(key))}
        changed += [Build(key, STOPPED, now, NOBODY) for key in sorted(over)]
        # Intake notes no dates for a journey that is paused, so that all are reckoned anew when it goes on.
        resting = {key for key, one in known.items() if one.after is None and one.rule != STOPPED} - rules.by_key.keys()
        changed += [Build(key, known[key].rule, now, NOBODY) for key in sorted(resting - over)]
        if not changed:
            return
        async with self.database.transaction() as connection:
            # Transactions of intake that do not know of the new rules yet come to their end first.
            await lock_partitions(connection)
            for build in changed:
                await repository.begin(connection, build)

    async def _page(self, build: Build, rules: DateRules) -> int:
        async with self.database.transaction() as connection:
            (now_is,) = await repository.builds(connection, build.key)
            if now_is != build or build.after is None:
                return 1
            if build.rule == STOPPED:
                taken = await repository.take_away(connection, build.key, AT_ONCE)
                await repository.note_built(connection, build.key, None if taken < AT_ONCE else NOBODY)
                return taken or 1
            if build.key not in rules.by_key or rules.by_key[build.key].digest != build.rule:
                return 1
            return await self._reckon_some(connection, build, rules)

    async def _reckon_some(self, connection: AsyncConnection, build: Build, rules: DateRules) -> int:
        ids = await customers.ids_after(connection, build.after or NOBODY, AT_ONCE)
        persons = _survivors(await customers.lock_profiles(connection, ids))
        wanted = {person.id: (build.key,) for person in persons}
        await settle(connection, persons, rules, wanted, now=self.clock.now(), since=build.since)
        await repository.note_built(connection, build.key, ids[-1] if len(ids) == AT_ONCE else None)
        return len(ids) or 1


def _survivors(persons: Iterable[Person]) -> list[Person]:
    return [person for person in persons if person.merged_into is None]


def _since(journey: Dated, before: Build | None, now: datetime) -> datetime:
    """From when on dates count: the publication, unless it is the same version that goes on after a stop."""
    return journey.published_at if before is None or journey.published_at > before.since else now


def _is_over(journey: Dated | None) -> bool:
    """A journey that is paused keeps its dates; those that come due meanwhile are let in when it goes on (V4)."""
    return journey is None or journey.state == "stopped"


def _later(rule: DateRule, one: Due) -> Due | None:
    """The date's next time, if it comes every year."""
    if rule.entry.repeat != "yearly":
        return None
    place = Place(ZoneInfo(one.time_zone), one.rung)
    entry = {name: value for name, value in one.entry.items() if name != "due"}
    return due(rule, one.customer_id, Found(one.occasion, one.value, one.value, entry), place, None, one.at)
