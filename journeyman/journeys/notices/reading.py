"""What the team was told of, as operators see it."""

from journeyman.journeys.notices import repository
from journeyman.journeys.notices.repository import Kept
from journeyman.kit.database import Database


class Notices:
    """Shows notices."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def newest(self, limit: int) -> list[Kept]:
        """The newest first; those of more than thirty days ago are gone."""
        async with self.database.reading() as connection:
            return await repository.newest(connection, limit)
