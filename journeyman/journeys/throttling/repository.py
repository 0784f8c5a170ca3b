"""Every query of throttles. No row is everybody's: who asks takes a place of her own, and clashes with few."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.throttling.tables import ThrottlePlace

SIDE_BY_SIDE = 8
"""Over so many free places those who ask at the same time are spread, so that they do not wait for one another."""
MINE = (ThrottlePlace.throttle, ThrottlePlace.period, ThrottlePlace.place)


@dataclass(frozen=True, slots=True)
class Rule:
    """A throttle: its name, how many a period takes, and how long a period is."""

    throttle: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the period that begins at the second `period` since 1970."""

    period: int
    place: int


async def reserve(connection: AsyncConnection, rule: Rule, run_id: str, now: int) -> Place:
    """A place for the run, in the earliest period that has one left. `now` is in seconds since 1970.

    The key of the table lets nobody have a place twice: who comes second to one looks for another.
    """
    current = now - now % rule.seconds
    freed = await _take_freed(connection, rule, run_id, current)
    if freed is not None:
        return freed
    period = max(current, await _newest(connection, rule) or current)
    spread = zlib.crc32(run_id.encode())
    while True:
        place = await _candidate(connection, rule, period, spread)
        if place is None:
            period += rule.seconds
        elif await _insert(connection, rule, Place(period, place), run_id):
            if place < SIDE_BY_SIDE:
                await _forget_past(connection, rule, current)
            return Place(period, place)
        else:
            spread += 1


async def _newest(connection: AsyncConnection, rule: Rule) -> int | None:
    query = select(ThrottlePlace.period).where(ThrottlePlace.throttle == rule.throttle)
    return (await connection.execute(query.order_by(ThrottlePlace.period.desc()).limit(1))).scalar_one_or_none()


async def _candidate(connection: AsyncConnection, rule: Rule, period: int, spread: int) -> int | None:
    """A place that looks free: behind all that are taken, or, near the end, one that was left out before."""
    mine = (ThrottlePlace.throttle == rule.throttle, ThrottlePlace.period == period)
    taken = select(ThrottlePlace.place).where(*mine)
    last = (await connection.execute(taken.order_by(ThrottlePlace.place.desc()).limit(1))).scalar_one_or_none()
    ahead = (-1 if last is None else last) + 1 + spread % SIDE_BY_SIDE
    if ahead < rule.most:
        return ahead
    left = sorted(set(range(rule.most)) - set((await connection.execute(taken)).scalars()))
    return left[spread % len(left)] if left else None


async def _insert(connection: AsyncConnection, rule: Rule, place: Place, run_id: str) -> bool:
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    row = {"throttle": rule.throttle, "period": place.period, "place": place.place, "run_id": run_id}
    statement = insert(ThrottlePlace).values(**row).on_conflict_do_nothing().returning(ThrottlePlace.place)
    return (await connection.execute(statement)).scalar_one_or_none() is not None


async def _take_freed(connection: AsyncConnection, rule: Rule, run_id: str, current: int) -> Place | None:
    """A place that somebody has given back, the earliest; one that is being taken at this moment is passed over."""
    free = (
        select(*MINE)
        .where(
            ThrottlePlace.throttle == rule.throttle,
            ThrottlePlace.run_id.is_(None),
            ThrottlePlace.period >= current,
            ThrottlePlace.place < rule.most,
        )
        .order_by(ThrottlePlace.period, ThrottlePlace.place)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    statement = update(ThrottlePlace).where(tuple_(*MINE).in_(free)).values(run_id=run_id)
    found = (await connection.execute(statement.returning(ThrottlePlace.period, ThrottlePlace.place))).one_or_none()
    return Place(*found) if found is not None else None


async def _forget_past(connection: AsyncConnection, rule: Rule, current: int) -> None:
    past = (ThrottlePlace.throttle == rule.throttle, ThrottlePlace.period < current)
    await connection.execute(delete(ThrottlePlace).where(*past))


async def give_back(connection: AsyncConnection, run_ids: Collection[str], now: int) -> None:
    """Let others have the places of runs that will not use them any more."""
    mine = (ThrottlePlace.run_id.in_(list(run_ids)), ThrottlePlace.period > now)
    await connection.execute(update(ThrottlePlace).where(*mine).values(run_id=None))
