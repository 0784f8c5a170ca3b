"""Membership, held against what the stored events and everything else that is known of a customer come to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.identity import Person
from journeyman.customers.segments import repository
from journeyman.customers.segments.repository import Moved
from journeyman.journeys import facts
from journeyman.journeys.rebuilding import Found
from journeyman.journeys.segmentation.judging import BUILD
from journeyman.journeys.segmentation.shelf import SegmentShelf


class MembershipCheck:
    """The segments of every customer: as her profile has them, as their lists have them, and as they should be."""

    def __init__(self) -> None:
        self.shelf = SegmentShelf()

    async def examine(self, connection: AsyncConnection, persons: Sequence[Person], now: datetime) -> list[Found]:
        live = await self.shelf.live(connection)
        # The events themselves tell, not the tallies that are to be checked.
        known = await facts.load(connection, [person.id for person in persons], live.needs, now)
        listed = await repository.of_customers(connection, [person.id for person in persons])
        found: list[Found] = []
        for person in persons:
            kept = set(person.segments)
            seen = known[person.id].facts(person.attributes, now, computed=person.computed, segments=person.segments)
            due = person.recheck_at
            live.judge_all(person, seen, BUILD)
            # A profile whose time has come is not wrong, it is about to be judged.
            if due is None or due > now:
                found += _differences(person, kept, listed[person.id])
        return found

    async def repair(self, connection: AsyncConnection, found: Sequence[Found], now: datetime) -> None:
        moves = [
            Moved(one.what.removeprefix("segment "), one.customer_id, bool(one.rebuilt), now, BUILD) for one in found
        ]
        await repository.save_moves(connection, moves)


def _differences(person: Person, kept: set[str], listed: Mapping[str, datetime]) -> list[Found]:
    right = set(person.segments)
    wrong = (kept ^ right) | (listed.keys() ^ right)
    return [Found(person.id, f"segment {key}", key in kept and key in listed, key in right) for key in sorted(wrong)]
