"""Beginning the campaign of a schedule's time: once, whoever tells of it and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as outbox
from journeyman.journeys.campaigns import populations, repository, waves
from journeyman.journeys.campaigns.occasions import at_time, campaign_id
from journeyman.journeys.campaigns.offering import page_size, seconds_each
from journeyman.journeys.campaigns.repository import Campaign, Standing
from journeyman.journeys.campaigns.scheduling import catch_up, command
from journeyman.journeys.published import Shelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.definition import Definition
from journeyman.language.starters.schedule import EASTERNMOST, ScheduleEntry


@dataclass(frozen=True, slots=True)
class Opened:
    """A campaign's pace: how many go in at once, and how many seconds each is worth; None is as fast as can be."""

    campaign: Campaign
    size: int
    seconds_each: float | None


class Opening:
    """Makes the rows of campaigns whose time has come."""

    def __init__(self, database: Database, clock: Clock, workspace_zone: str) -> None:
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.shelf = Shelf()

    async def known(self, campaign: str) -> Opened | None:
        """The pace of a campaign that is there."""
        async with self.database.reading() as connection:
            found = await repository.find(connection, campaign)
        return Opened(found, page_size(found), seconds_each(found)) if found is not None else None

    async def scheduled(
        self, journey: str, at: datetime, workflow_id: str, beat: Callable[[], object]
    ) -> Opened | None:
        """The campaign of a schedule's time, and the next times for the engine.

        None where there is nothing to do: the journey is not live, the time came too late, or another workflow has it.
        """
        now = self.clock.now()
        async with self.database.reading() as connection:
            found = await repository.standing(connection, "schedule", journey)
            definition = await self.shelf.definition(connection, found[0].hash) if found else None
        if definition is None or not isinstance(definition.entry, ScheduleEntry) or found[0].state != "live":
            return None
        entry = definition.entry
        if now - at > catch_up(entry):
            await self._again(found[0], definition, now)
            return None
        about: dict[str, Any] = populations.about_of(definition, entry)
        spread = await self._waves(entry, about, definition, at, now, beat)
        async with self.database.transaction() as connection:
            campaign = Campaign(
                id=campaign_id(journey, at_time(at)),
                journey_key=journey,
                kind="schedule",
                workflow_id=workflow_id,
                state="under_way",
                about=about,
                context={"scheduled_at": at_time(at)},
                rate=entry.rate.text if entry.rate is not None else None,
                batch=entry.batch,
                scheduled_at=at,
                began_at=now,
                requested_by="schedule",
                waves=spread,
                population=await self._size(connection, about, spread, now),
            )
            is_new = await repository.add(connection, campaign)
            mine = campaign if is_new else await repository.find(connection, campaign.id)
            await outbox.tell(connection, [command(found[0], definition, self.workspace_zone, now)], now)
        if mine is None or mine.workflow_id != workflow_id:
            return None
        return Opened(mine, page_size(mine), seconds_each(mine))

    async def _again(self, one: Standing, definition: Definition, now: datetime) -> None:
        async with self.database.transaction() as connection:
            await outbox.tell(connection, [command(one, definition, self.workspace_zone, now)], now)

    async def _waves(
        self,
        entry: ScheduleEntry,
        about: dict[str, Any],
        definition: Definition,
        at: datetime,
        now: datetime,
        beat: Callable[[], object],
    ) -> list[tuple[str, int]] | None:
        if not entry.local:
            return None
        about[waves.LOCAL] = (at + EASTERNMOST).replace(tzinfo=None).isoformat()
        about["zone"] = definition.time_zone
        return await waves.waves_of(self.database, about, self.workspace_zone, now, beat)

    async def _size(
        self, connection: AsyncConnection, about: dict[str, Any], spread: list[tuple[str, int]] | None, now: datetime
    ) -> int:
        if spread is not None:
            return sum(count for _, count in spread)
        return await populations.size(connection, about, now)
