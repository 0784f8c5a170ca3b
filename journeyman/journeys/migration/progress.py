"""How far a migration is, for people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.migration import repository
from journeyman.journeys.migration.repository import Migration


@dataclass(frozen=True, slots=True)
class Came:
    """How many runs that stood at a step of a version came to what."""

    version: int
    step: str
    outcome: str
    runs: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A migration, and what it has made of the runs so far."""

    id: str
    journey: str
    kind: str
    inside: str
    state: str
    version: int
    former: int | None
    share: int
    map: dict[str, str]
    population: int
    taken: int
    steps: list[Came]
    began_at: datetime
    ended_at: datetime | None
    requested_by: str


def words(migration: Migration) -> str:
    """As `under way, 1,200 of 10,000 runs looked at: 1,100 moved, 100 heading`."""
    counted = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(migration.counts.items()))
    taken, state = sum(migration.counts.values()), migration.state.replace("_", " ")
    return f"{state}, {taken:,} of {migration.population:,} runs taken{': ' if counted else ''}{counted}"


async def progress(connection: AsyncConnection, migration: Migration) -> Progress:
    return Progress(
        id=migration.id,
        journey=migration.journey_key,
        kind=migration.kind,
        inside=migration.inside,
        state=migration.state,
        version=migration.version,
        former=migration.former,
        share=migration.share,
        map=migration.map,
        population=migration.population,
        taken=sum(migration.counts.values()),
        steps=[Came(*row) for row in await repository.outcomes(connection, migration.id)],
        began_at=migration.began_at,
        ended_at=migration.ended_at,
        requested_by=migration.requested_by,
    )
