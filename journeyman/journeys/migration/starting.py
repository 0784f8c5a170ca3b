"""Beginning what is done to all runs of a journey: a row that says what, and a workflow that goes through them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as runs
from journeyman.journeys.migration import repository
from journeyman.journeys.migration.repository import Inside, Kind, Migration
from journeyman.journeys.ports import EngineCommand
from journeyman.kit.ids import new_id

MOVING: tuple[Inside, ...] = ("now", "next_step", "exit", "back")
"""What leads runs elsewhere; of one journey one at a time does."""


def new(key: str, kind: Kind, inside: Inside, at: datetime, by: str, *, version: int, digest: str) -> Migration:
    """A migration that has not begun; whoever makes it says the rest."""
    return Migration(
        id=new_id("mig"),
        journey_key=key,
        kind=kind,
        inside=inside,
        state="under_way",
        version=version,
        former=None,
        hash=digest,
        began_at=at,
        requested_by=by,
    )


async def begin(connection: AsyncConnection, migration: Migration) -> None:
    """Write it down, and have the engine go through the runs where there are any to go through."""
    at = migration.began_at
    replaced = MOVING if migration.inside in MOVING else (migration.inside,)
    await repository.cancel_open(connection, migration.journey_key, replaced, at)
    migration.population = await repository.live_runs(connection, migration.journey_key)
    if migration.inside == "stay":
        migration.state, migration.ended_at = "done", at
    await repository.add(connection, migration)
    if migration.state == "under_way":
        await go_through(connection, migration, at)


async def go_through(connection: AsyncConnection, migration: Migration, at: datetime) -> None:
    """Have the engine begin; with a larger share once more, under an id of its own."""
    workflow_id = f"migration/{migration.journey_key}/{migration.id}/{migration.share}"
    payload = {"migration": migration.id, "journey": migration.journey_key}
    await runs.tell(connection, [EngineCommand("migration", migration.id, workflow_id, payload)], at)
