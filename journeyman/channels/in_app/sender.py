"""The sender of the channel `in_app`: a message is sent once it waits for its customer."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.in_app import repository
from journeyman.channels.in_app.messages import InAppMessage, shown
from journeyman.channels.ports import Accepted, Capabilities, OutgoingInApp
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.wake import Wake

Owner = Callable[[AsyncConnection, str], Awaitable[str]]


class InAppSender:
    """Keeps messages for the pages and apps to fetch, and rings for those that are open."""

    channel = "in_app"
    capabilities = Capabilities("customer", idempotent=True)

    def __init__(self, database: Database, wake: Wake, clock: Clock, owner: Owner) -> None:
        """`owner` tells who somebody is by now, and locks her: a merge that comes after it moves what is kept."""
        self.database = database
        self.owner = owner
        self.wake = wake
        self.clock = clock

    async def send(self, message: OutgoingInApp) -> Accepted:
        """Keep the message; one that is there already stays as it is."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            whose = await self.owner(connection, message.to)
            kept = InAppMessage(message.id, whose, message.placement, shown(message), now, now + message.lasts)
            await repository.keep(connection, kept)
        self.wake.notify()
        return Accepted(message.id)

    async def check(self) -> None:
        """The database is looked at by itself."""

    async def close(self) -> None:
        """The database is closed by who opened it."""
