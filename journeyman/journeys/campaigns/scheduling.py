"""Schedules of journeys: what the engine is told of them when they are published, fire, are paused or stopped.

The engine gets the next times as instants, and new ones at each firing: so days on which the clocks change, days of the
month that not every month has and rules of any kind are reckoned here alone, in one way.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as outbox
from journeyman.journeys.campaigns import repository
from journeyman.journeys.campaigns.occasions import at_time, campaign_id
from journeyman.journeys.campaigns.offering import turned
from journeyman.journeys.campaigns.repository import Campaign, Standing, State
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.published import Shelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.definition import Definition
from journeyman.language.starters.schedule import Occurrence, ScheduleEntry
from journeyman.language.zones import known_zone

AHEAD: Final = 20
"""So many of the next times the engine knows."""
CATCH_UP: Final = timedelta(hours=1)
"""How late a campaign may begin where the author does not say."""
SURELY_LATE: Final = timedelta(minutes=2)
"""A time so long gone by that has no campaign is one that the engine has missed."""
EVERY: Final = timedelta(hours=1)
"""How often it is looked whether the engine has all schedules as they should be."""
PAUSED: Final = "the journey is paused"
STOPPED: Final = "the journey was stopped"


def schedule_id(journey: str) -> str:
    """The engine's name for a journey's schedule."""
    return f"schedule/{journey}"


def zone_of(entry: ScheduleEntry, definition: Definition, workspace_zone: str) -> ZoneInfo:
    """The zone of a schedule's times: its own, else the journey's, else the workspace's (W7)."""
    names = (entry.time_zone, definition.time_zone, workspace_zone)
    return next((zone for name in names if name and (zone := known_zone(name)) is not None), ZoneInfo("UTC"))


def upcoming(definition: Definition, workspace_zone: str, after: datetime) -> Iterable[Occurrence]:
    """When campaigns of a journey begin after an instant; never for one that starts on something else."""
    entry = definition.entry
    if not isinstance(entry, ScheduleEntry):
        return ()
    return entry.upcoming(zone_of(entry, definition, workspace_zone), after)


def catch_up(entry: ScheduleEntry) -> timedelta:
    return entry.catch_up.timedelta if entry.catch_up is not None else CATCH_UP


def command(one: Standing, definition: Definition, workspace_zone: str, now: datetime) -> EngineCommand:
    """What makes the engine's schedule the journey's; without times there is to be none."""
    is_over = one.state not in {"live", "paused"} or not isinstance(definition.entry, ScheduleEntry)
    times = [] if is_over else islice(upcoming(definition, workspace_zone, now), AHEAD)
    payload = {
        "journey": one.key,
        "name": one.name,
        "says": definition.entry.says,
        "times": [at_time(found.at) for found in times],
        "paused": one.state == "paused",
    }
    if isinstance(definition.entry, ScheduleEntry):
        payload["catch_up_seconds"] = catch_up(definition.entry).total_seconds()
    return EngineCommand("schedule", one.key, schedule_id(one.key), payload)


async def follow(connection: AsyncConnection, journey: str, workspace_zone: str, now: datetime) -> None:
    """Have the engine's schedule, and the journey's campaigns, follow the journey's state and version.

    To be called in the transaction that publishes, pauses, resumes or stops it.
    """
    await _follow_campaigns(connection, journey, now)
    if not await repository.was_ever(connection, journey, "schedule"):
        return
    found = await repository.standing(connection, "schedule", journey)
    if found:
        definition = await Shelf().definition(connection, found[0].hash)
        await outbox.tell(connection, [command(found[0], definition, workspace_zone, now)], now)
    else:
        gone = {"journey": journey, "name": journey, "says": "", "times": [], "paused": False}
        await outbox.tell(connection, [EngineCommand("schedule", journey, schedule_id(journey), gone)], now)


async def _follow_campaigns(connection: AsyncConnection, journey: str, now: datetime) -> None:
    """A stopped journey's campaigns end; a paused one's pause, and go on with it."""
    state = await repository.state_of(connection, journey)
    for campaign in await repository.open_of(connection, journey):
        if state == "stopped":
            await turn(connection, campaign, "cancelled", now, STOPPED)
        elif state == "paused" and campaign.state == "under_way":
            await turn(connection, campaign, "paused", now, PAUSED)
        elif state == "live" and campaign.note == PAUSED:
            await turn(connection, campaign, "under_way", now)


async def turn(
    connection: AsyncConnection, campaign: Campaign, state: State, at: datetime, note: str | None = None
) -> None:
    """Pause a campaign, let it go on or end it, and wake its workflow."""
    await repository.change(connection, campaign.id, **turned(state, at, note))
    await outbox.tell(connection, [bell(campaign)], at)


def bell(campaign: Campaign) -> EngineCommand:
    """Begins the campaign's workflow, or wakes it."""
    payload = {"campaign": campaign.id, "journey": campaign.journey_key}
    return EngineCommand("campaign", campaign.id, campaign.workflow_id, payload)


class ScheduleKeeper:
    """Sees to it that the engine has every schedule, and that no time was missed while it was away."""

    def __init__(self, database: Database, clock: Clock, workspace_zone: str) -> None:
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.shelf = Shelf()
        self._looked_at: datetime | None = None

    async def step(self) -> bool:
        """Look, when the process begins and then every hour."""
        now = self.clock.now()
        if self._looked_at is not None and now - self._looked_at < EVERY:
            return False
        async with self.database.transaction() as connection:
            for one in await repository.standing(connection, "schedule"):
                if one.state not in {"live", "paused"}:
                    continue
                definition = await self.shelf.definition(connection, one.hash)
                commands = [command(one, definition, self.workspace_zone, now)]
                if one.state == "live":
                    commands = [*await self._missed(connection, one, definition, now), *commands]
                await outbox.tell(connection, commands, now)
        self._looked_at = now
        return False

    async def _missed(
        self, connection: AsyncConnection, one: Standing, definition: Definition, now: datetime
    ) -> list[EngineCommand]:
        """The campaigns whose time has gone by without them and that may still begin."""
        entry = definition.entry
        if not isinstance(entry, ScheduleEntry):
            return []
        since = max(now - catch_up(entry), one.published_at)
        times = takewhile(lambda found: found.at < now - SURELY_LATE, upcoming(definition, self.workspace_zone, since))
        due = {campaign_id(one.key, at_time(found.at)): found for found in times}
        missed = due.keys() - await repository.known(connection, due)
        return [_late(one.key, campaign, due[campaign].at) for campaign in sorted(missed)]


def _late(journey: str, campaign: str, at: datetime) -> EngineCommand:
    payload: dict[str, Any] = {"campaign": None, "journey": journey, "scheduled_at": at_time(at)}
    return EngineCommand("campaign", campaign, f"campaign/{campaign}", payload)
