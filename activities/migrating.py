"""The activity that goes through the runs of a journey."""

from temporalio import activity

from activities.contracts import Migrated, MigrationActivities, MigrationPage
from journeyman.journeys.migration.moving import Moving
from journeyman.journeys.migration.progress import words


class RunMigrationActivities(MigrationActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, moving: Moving) -> None:
        self.moving = moving

    @activity.defn
    async def migrate_page(self, request: MigrationPage) -> Migrated:
        if request.cancel:
            await self.moving.cancel(request.migration)
        migration = await self.moving.page(request.migration)
        return Migrated(words=words(migration), is_over=migration.state != "under_way")
