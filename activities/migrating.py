"""The activity that goes through the runs of a journey."""

import asyncio

from temporalio import activity

from activities.contracts import Migrated, MigrationActivities, MigrationPage
from journeyman.journeys.migration.moving import Moving
from journeyman.journeys.migration.progress import words

BEAT = 5.0
"""Seconds between two signs of life; a page may wait long for its customers."""


class RunMigrationActivities(MigrationActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, moving: Moving) -> None:
        self.moving = moving

    @activity.defn
    async def migrate_page(self, request: MigrationPage) -> Migrated:
        beating = asyncio.create_task(_beat())
        try:
            if request.cancel:
                await self.moving.cancel(request.migration)
            migration = await self.moving.page(request.migration)
        finally:
            beating.cancel()
        return Migrated(words=words(migration), is_over=migration.state != "under_way")


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
