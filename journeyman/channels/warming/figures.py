"""How far warm-up ramps are today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from journeyman.channels.warming import repository
from journeyman.channels.warming.ramp import ALL, PARTS, WarmUp
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database


@dataclass(frozen=True, slots=True)
class Figure:
    """Messages of a provider to a part today: how many may go, have gone, and have a kept place."""

    provider: str
    part: str
    most: int
    taken: int
    kept: int


async def figures(database: Database, clock: Clock, ramps: Mapping[str, WarmUp]) -> list[Figure]:
    """Of every ramp that is not over; of parts to which nothing has gone, too."""
    today = clock.now().date()
    bounds = list(_bounds(ramps, today))
    if not bounds:
        return []
    async with database.reading() as connection:
        found = {(one.provider, one.part): one for one in await repository.counted(connection, today)}
    none = repository.Counted("", "", 0, 0)
    rows = [(name, part, most, found.get((name, part), none)) for name, part, most in bounds]
    return [Figure(name, part, most, one.taken, one.kept) for name, part, most, one in rows]


def _bounds(ramps: Mapping[str, WarmUp], day: date) -> Iterator[tuple[str, str, int]]:
    for name, ramp in ramps.items():
        parts = {part: most for one in PARTS for part, most in ramp.bounds(one, day).items()}
        yield from ((name, part, most) for part, most in sorted(parts.items(), key=lambda row: (row[0] == ALL, row[0])))
