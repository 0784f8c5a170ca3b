"""Whether the engine has the schedule of every live journey that is still to fire."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from journeyman.insight.health.findings import Finding, ok, warn
from journeyman.insight.words import count, listing
from journeyman.journeys.campaigns import repository
from journeyman.journeys.campaigns.scheduling import schedule_id, upcoming
from journeyman.journeys.ports import JourneyRunner
from journeyman.journeys.published import Shelf
from journeyman.kit.database import Database


async def look_at_schedules(
    database: Database, now: datetime, engine: JourneyRunner, workspace_zone: str
) -> Sequence[Finding]:
    """What is wrong with schedules; nothing is said where no journey has one."""
    wanted = await _wanted(database, now, workspace_zone)
    if not wanted:
        return []
    missing = [key for key in wanted if await engine.standing(schedule_id(key)) is None]
    if missing:
        said = f"{count(len(missing), 'journey has', 'journeys have')} no schedule in Temporal: {listing(missing)}"
        return [warn("schedules", said, "A worker makes them anew when it starts, and every hour")]
    return [ok("schedules", f"{count(len(wanted), 'schedule')} in Temporal")]


async def _wanted(database: Database, now: datetime, workspace_zone: str) -> list[str]:
    """The journeys that have a time to come."""
    shelf, found = Shelf(), []
    async with database.reading() as connection:
        for one in await repository.standing(connection, "schedule"):
            definition = await shelf.definition(connection, one.hash)
            if one.state == "live" and list(islice(upcoming(definition, workspace_zone, now), 1)):
                found.append(one.key)
    return found
