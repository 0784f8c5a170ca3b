"""Judging profiles for segments apart from an event: time has passed, a segment is new, or a hand moved them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.profile.computed import tally
from journeyman.customers.segments import repository
from journeyman.journeys import facts
from journeyman.journeys.segmentation.live import Move
from journeyman.journeys.segmentation.telling import tell
from journeyman.journeys.segmentation.writing import catch_up, untallied
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs

BUILD: Final = "build"
"""The reason of moves that nobody is told of: the segment is new, or another."""
Judge = Callable[[Person, Facts], list[Move]]


async def judge_each(
    connection: AsyncConnection, persons: Sequence[Person], needs: Needs, judge: Judge, now: datetime
) -> list[Move]:
    """Have each of these locked profiles judged on what `needs` names, and write what comes of it."""
    await catch_up(connection, persons)
    known = await facts.load(connection, [one.id for one in persons], needs, now, untallied(persons))
    moves: list[Move] = []
    for person in persons:
        seen = known[person.id].facts(
            person.attributes,
            now,
            computed=person.computed,
            segments=person.segments,
            tallies=partial(tally, person.computed),
        )
        moves += judge(person, seen)
    await customers.save_people(connection, persons, now)
    await repository.save_moves(connection, [move.on_record for move in moves])
    await tell(connection, [move for move in moves if move.reason != BUILD], now)
    return moves
