"""Who of a channel's providers may take a message today, as far as their warm-up ramps say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.warming import repository
from journeyman.channels.warming.ramp import WarmUp, part_of
from journeyman.channels.warming.repository import Place

AHEAD = 7
"""Days for which places are kept."""

Ramps = Sequence[tuple[str, WarmUp | None]]
"""Providers in the order in which they are asked, each with its ramp if it has one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The provider that may take the message on `day`; None where nobody may before the next one."""

    provider: str | None
    day: date
    part: str


async def admit(
    connection: AsyncConnection, ramps: Ramps, message_id: str, address: str, today: date, *, keeps: bool
) -> Turn:
    """Take a place for a message with the first provider that has one, in the caller's transaction.

    A message that `keeps` gets a place on a day to come where there is none today; others do not, so that it goes
    first. A second attempt on the same day has the place of the first.
    """
    part = part_of(address)
    place = await repository.place_of(connection, message_id)
    if place is not None and place.day < today:
        if place.kept:
            await repository.uncount(connection, place)
        place = None
    if place is not None and any(name == place.provider for name, _ in ramps):
        return await _again(connection, place, part, today)
    for day in (today + timedelta(days=days) for days in range(AHEAD + 1 if keeps else 1)):
        for name, ramp in ramps:
            bounds = ramp.bounds(part, day) if ramp is not None else {}
            if not bounds and day == today:
                return Turn(name, today, part)
            if bounds and await _take(connection, Place(message_id, name, day, tuple(bounds), day > today), bounds):
                return Turn(name, day, part)
    return Turn(None, today + timedelta(days=1), part)


async def give_back(connection: AsyncConnection, message_id: str) -> None:
    """Let others have the place of a message of which nothing became."""
    place = await repository.place_of(connection, message_id)
    if place is not None:
        await repository.uncount(connection, place)
        await repository.drop_place(connection, message_id)


async def _again(connection: AsyncConnection, place: Place, part: str, today: date) -> Turn:
    if place.kept and place.day == today:
        await repository.use_kept(connection, place)
        await repository.save_place(connection, Place(place.message_id, place.provider, today, place.parts, kept=False))
    return Turn(place.provider, place.day, part)


async def _take(connection: AsyncConnection, place: Place, bounds: dict[str, int]) -> bool:
    """Count the message under each bound, or under none. What counts for all comes last: nobody waits in a circle."""
    column: repository.Column = "kept" if place.kept else "taken"
    done: tuple[str, ...] = ()
    for part, most in bounds.items():
        if not await repository.count(connection, place.provider, place.day, part, most, column):
            await repository.uncount(connection, Place(place.message_id, place.provider, place.day, done, place.kept))
            return False
        done = (*done, part)
    await repository.save_place(connection, place)
    return True
