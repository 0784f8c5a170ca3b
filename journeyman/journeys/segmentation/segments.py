"""Segments as people work with them: kept, counted, tried out before they are kept, filled by hand, explained."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.segments import repository
from journeyman.customers.segments.definition import (
    SegmentDocument,
    read_segment,
    segments_named,
    written,
)
from journeyman.customers.segments.repository import GONE, Kept, Moved
from journeyman.journeys import facts
from journeyman.journeys.documents.echoes import condition_of, echoes
from journeyman.journeys.documents.named import live_journeys_hearing, live_journeys_naming
from journeyman.journeys.documents.variants import contents_naming
from journeyman.journeys.populations import repository as populations
from journeyman.journeys.segmentation.judging import judge_each
from journeyman.journeys.segmentation.live import Move
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.kit.bulk import Row
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.language.conditions import CONDITION
from journeyman.language.evaluation import judge
from journeyman.language.facts import Facts
from journeyman.language.needs import needs


@dataclass(frozen=True, slots=True)
class Preview:
    """How many customers a condition holds for now, and some of them."""

    count: int
    sample: list[str]


@dataclass(frozen=True, slots=True)
class Explained:
    """Whether somebody is in a segment, since when, and how each part of its condition reads now."""

    is_member: bool
    since: datetime | None
    verdict: dict[str, Any] | None
    recheck_at: datetime | None


class Segments:
    """The use cases of segments."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def put(self, key: str, document: object) -> Kept:
        """Keep a segment; where its condition is new, its members are found in the background.

        Raises `InvalidError` with a fault for everything that is wrong, and where it speaks of segments that are not
        there or, by a detour, of itself; `ConflictError` while one of that key is being taken apart, and where it is
        to tell no more while a live journey hears it.
        """
        segment = read_segment(document)
        async with self.database.transaction() as connection:
            await self._refuse_unknown(connection, key, segment)
            await _refuse_echo(connection, key, segment)
            before = next(iter(await repository.lock(connection, [key])), None)
            if before is None:
                await repository.insert(connection, self._new(key, segment))
            elif before.generation == GONE:
                raise ConflictError(f"the segment {key} is being taken apart; try again in a while")
            else:
                if before.events and not segment.events:
                    await _refuse_silence(connection, key)
                await repository.change(connection, [key], self._changed(before, segment))
        return await self.get(key)

    async def _refuse_unknown(self, connection: AsyncConnection, key: str, segment: SegmentDocument) -> None:
        named = segment.named
        if key in named:
            raise InvalidError(
                "a segment cannot speak of itself", [Fault("/when", f"this is `{key}` itself", "take it out")]
            )
        seen: dict[str, Kept] = {}
        pending = set(named)
        while pending:
            found = await repository.find(connection, pending)
            unknown = sorted(pending - {one.key for one in found})
            if unknown:
                detail = f"there is no segment `{unknown[0]}`"
                raise InvalidError("a segment is missing", [Fault("/when", detail, "keep it first, or name another")])
            seen |= {one.key: one for one in found}
            behind = {name for one in found for name in _named_by(one)}
            if key in behind:
                detail = f"one of {', '.join(f'`{name}`' for name in sorted(named))} speaks of `{key}`"
                raise InvalidError("segments go in a circle", [Fault("/when", detail, "break the circle")])
            pending = behind - seen.keys()

    def _new(self, key: str, segment: SegmentDocument) -> Row:
        now = self.clock.now()
        by_hand = segment.when is None
        return {
            "key": key,
            "name": segment.name,
            "description": segment.description,
            "condition": written(segment.when),
            "generation": 1,
            "created_at": now,
            "updated_at": now,
            "built_at": now if by_hand else None,
            "building_after": None if by_hand else "",
            "events": segment.events,
        }

    def _changed(self, before: Kept, segment: SegmentDocument) -> Row:
        now, condition = self.clock.now(), written(segment.when)
        row: Row = {"name": segment.name, "description": segment.description, "events": segment.events}
        row["updated_at"] = now
        if condition == before.condition:
            return row
        row |= {"condition": condition, "generation": before.generation + 1}
        # A list that is kept by hand from now on begins with the members of now.
        return row | ({"building_after": None} if condition is None else {"building_after": "", "built_at": None})

    async def get(self, key: str) -> Kept:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await _found(connection, key)

    async def listed(self, after: str | None, limit: int) -> list[tuple[Kept, int]]:
        """Segments with the number of their members, by key."""
        async with self.database.reading() as connection:
            kept = await repository.listed(connection, after, limit)
            counts = await repository.counts(connection, [one.key for one in kept])
        return [(one, counts[one.key]) for one in kept]

    async def delete(self, key: str) -> None:
        """Have a segment taken apart.

        Raises `NotFoundError`; `ConflictError` while another segment, a live journey or a variant of a content
        speaks of it.
        """
        async with self.database.transaction() as connection:
            await repository.lock(connection, [key])
            await _found(connection, key)
            users = [one.key for one in await repository.listed(connection) if key in _named_by(one)]
            if users:
                raise ConflictError(f"the segment {users[0]} speaks of {key}; change it first")
            journeys = await live_journeys_naming(connection, key)
            if journeys:
                raise ConflictError(f"the journey {journeys[0]} is live and speaks of {key}; change or stop it first")
            contents = await contents_naming(connection, key)
            if contents:
                raise ConflictError(f"a variant of {contents[0]} speaks of {key}; change it first")
            gone = {"generation": GONE, "condition": None, "building_after": "", "updated_at": self.clock.now()}
            await repository.change(connection, [key], gone)

    async def members(self, key: str, after: str | None, limit: int) -> list[tuple[str, datetime]]:
        """(customer id, since). Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            await _found(connection, key)
            return await repository.members(connection, key, after, limit)

    async def count(self, key: str) -> int:
        """How many are in it. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            await _found(connection, key)
            return (await repository.counts(connection, [key]))[key]

    async def history(
        self, *, key: str | None = None, customer_id: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[tuple[int, Moved]]:
        """Who came and went, newest first, with the number of each entry."""
        async with self.database.reading() as connection:
            return await repository.history(connection, key=key, customer_id=customer_id, before=before, limit=limit)

    async def preview(self, document: object, sample: int) -> Preview:
        """What a segment would hold now, without keeping it. Raises as `put` does."""
        segment = read_segment(document)
        if segment.when is None:
            raise InvalidError(
                "there is nothing to try out", [Fault("/when", "`when` is missing", "add the condition")]
            )
        now = self.clock.now()
        async with self.database.reading() as connection:
            await self._refuse_unknown(connection, "", segment)
            count = await populations.count(connection, segment.when, now=now)
            return Preview(count, await populations.members(connection, segment.when, now=now, limit=sample))

    async def set_by_hand(self, key: str, add: Collection[str], remove: Collection[str]) -> list[Moved]:
        """Put customers on a list that is kept by hand, or take them off it; returns who really moved.

        Raises `NotFoundError`, also for customers that are not there, and `ConflictError` where a condition decides.
        """
        async with self.database.transaction() as connection:
            kept = await _found(connection, key)
            if kept.condition is not None:
                raise ConflictError(f"the condition of {key} decides who is in it; change that instead")
            await repository.lock(connection, [key])
            persons = {person.id: person for person in await self._people(connection, {*add, *remove})}
            live = await SegmentShelf().live(connection)
            joining = {persons[one].survivor.id for one in add if one in persons}

            def move(person: Person, seen: Facts) -> list[Move]:
                wanted = person.id in joining
                if wanted is (key in person.segments):
                    return []
                (person.segments.append if wanted else person.segments.remove)(key)
                person.is_changed = True
                moved = Move(person, key, wanted, seen.now, "hand")
                return [moved, *live.follow(person, seen, "hand", [key])]

            survivors = list({person.survivor.id: person.survivor for person in persons.values()}.values())
            moves = await judge_each(connection, survivors, live.needs, move, self.clock.now())
        return [move.on_record for move in moves]

    async def _people(self, connection: AsyncConnection, ids: Collection[str]) -> Sequence[Person]:
        persons = await customers.lock_profiles(connection, ids)
        unknown = sorted(set(ids) - {person.id for person in persons})
        if unknown:
            raise NotFoundError(f"there is no customer {unknown[0]}")
        return persons

    async def resolve(self, given: str) -> str:
        """The customer's id for any id that somebody gives. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            found = await customers.resolve(connection, given)
        if found is None:
            raise NotFoundError(f"there is no customer {given}")
        return found

    async def explain(self, key: str, customer_id: str) -> Explained:
        """Why somebody is in a segment, or is not. Raises `NotFoundError`."""
        now = self.clock.now()
        async with self.database.reading() as connection:
            kept = await _found(connection, key)
            person = next(iter(await customers.read_profiles(connection, [customer_id])), None)
            if person is None:
                raise NotFoundError(f"there is no customer {customer_id}")
            since = dict(await repository.of_customer(connection, customer_id)).get(key)
            verdict = None
            if kept.condition is not None:
                condition = CONDITION.validate_python(kept.condition)
                known = await facts.load(connection, [customer_id], needs(condition), now)
                seen = known[customer_id].facts(
                    person.attributes, now, computed=person.computed, segments=person.segments
                )
                verdict = judge(condition, seen).as_json()
        return Explained(since is not None, since, verdict, person.recheck_at)


async def _refuse_silence(connection: AsyncConnection, key: str) -> None:
    hearing = await live_journeys_hearing(connection, key)
    if hearing:
        raise ConflictError(f"the journey {hearing[0]} hears who comes into {key}; stop it, or keep `events`")


async def _refuse_echo(connection: AsyncConnection, key: str, segment: SegmentDocument) -> None:
    """A segment that tells may rest on nothing that hears of segments: it would tell of what it hears for ever."""
    listed = await repository.listed(connection)
    conditions = {one.key: condition_of(one) for one in listed} | {key: segment.when}
    telling = {one.key for one in listed if one.heard or (one.events and one.key != key)}
    echo = echoes(conditions, telling | ({key} if segment.events else set()))
    if echo:
        detail = f"`{echo[0]}` tells, and rests on the events by which segments tell"
        mend = "name what the customer does, or take `events` off that segment and stop the journeys that hear of it"
        fault = Fault("/when", detail, mend)
        raise InvalidError("segments would answer one another for ever", [fault])


def _named_by(kept: Kept) -> set[str]:
    return segments_named(condition_of(kept))


async def _found(connection: AsyncConnection, key: str) -> Kept:
    found = await repository.find(connection, [key])
    if not found:
        raise NotFoundError(f"there is no segment {key}")
    return found[0]
