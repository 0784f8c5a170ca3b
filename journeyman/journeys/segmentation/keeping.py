"""Keeping segments as time passes and as they are made: who has to be judged without an event of hers.

A profile carries the instant at which time alone may move it (`recheck_at`); it is judged then, for all segments. A
segment that is new or was changed is built profile by profile, under the locks that intake takes. Whoever keeps
segments may be stopped at any point: what is still to be done stands in the rows.
"""

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.segments import repository
from journeyman.customers.segments.repository import GONE, Kept
from journeyman.journeys.repository import lock_partitions
from journeyman.journeys.segmentation.judging import BUILD, Judge, judge_each
from journeyman.journeys.segmentation.live import LiveSegments, Move
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.facts import Facts

AT_ONCE = 500
"""Profiles judged in one transaction, which holds their locks."""


class Keeper:
    """Builds segments and judges profiles whose time has come."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.shelf = SegmentShelf()

    async def step(self) -> int:
        """One transaction's work; returns how many profiles were judged, 0 where there was nothing to do."""
        return await self._recheck() or await self._build()

    async def _recheck(self) -> int:
        now = self.clock.now()
        async with self.database.reading() as connection:
            due = await customers.due_for_recheck(connection, now, AT_ONCE)
        if not due:
            return 0
        async with self.database.transaction() as connection:
            persons = _survivors(await customers.lock_profiles(connection, due))
            live = await self.shelf.live(connection)
            await judge_each(
                connection, persons, live.needs, lambda person, facts: live.judge_all(person, facts, "time"), now
            )
            await customers.forget_recheck(connection, due, now)
        return len(due)

    async def _build(self) -> int:
        async with self.database.transaction() as connection:
            lot = _lot(await repository.unbuilt(connection))
            if not lot:
                return 0
            if lot[0].building_after == "":
                # Transactions of intake that do not know of the segments yet come to their end first.
                await lock_partitions(connection)
        async with self.database.transaction() as connection:
            locked = [one for one in await repository.lock(connection, [one.key for one in lot]) if one in lot]
            if not locked:
                return 1
            if locked[0].generation == GONE:
                return await self._take_apart(connection, locked[0])
            return await self._build_some(connection, locked)

    async def _build_some(self, connection: AsyncConnection, lot: Sequence[Kept]) -> int:
        """Judge the next profiles for several segments that are built in step, so that each is read once for all."""
        ids = await customers.ids_after(connection, lot[0].building_after or "", AT_ONCE)
        persons = _survivors(await customers.lock_profiles(connection, ids))
        live = await self.shelf.live(connection)
        now, keys = self.clock.now(), [one.key for one in lot]
        await judge_each(connection, persons, live.needs_of(keys), _of_some(live, keys), now)
        done = len(ids) < AT_ONCE
        changed = {"building_after": None, "built_at": now} if done else {"building_after": ids[-1]}
        await repository.change(connection, keys, changed)
        return len(ids) or 1

    async def _take_apart(self, connection: AsyncConnection, kept: Kept) -> int:
        members = await repository.members(connection, kept.key, None, AT_ONCE)
        if not members:
            await repository.drop(connection, kept.key)
            return 1
        persons = await customers.lock_profiles(connection, [customer_id for customer_id, _ in members])
        live = await self.shelf.live(connection)

        def leave(person: Person, facts: Facts) -> list[Move]:
            if kept.key not in person.segments:
                return []
            person.segments.remove(kept.key)
            person.is_changed = True
            left = Move(person, kept.key, entered=False, at=facts.now, reason=BUILD)
            return [left, *live.follow(person, facts, BUILD, [kept.key])]

        await judge_each(connection, persons, live.needs, leave, self.clock.now())
        return len(members)


def _lot(unbuilt: Sequence[Kept]) -> list[Kept]:
    """The first, with all that are to be built from where it has come to; one that is taken apart is alone."""
    first = unbuilt[0] if unbuilt else None
    if first is None or first.generation == GONE:
        return [first] if first is not None else []
    return [one for one in unbuilt if one.generation != GONE and one.building_after == first.building_after]


def _of_some(live: LiveSegments, keys: Collection[str]) -> Judge:
    def judge(person: Person, facts: Facts) -> list[Move]:
        return live.judge_some(person, facts, BUILD, keys)

    return judge


def _survivors(persons: Collection[Person]) -> list[Person]:
    return [person for person in persons if person.merged_into is None]
