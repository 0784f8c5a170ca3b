"""The composition root: which part stands behind which port is decided here and nowhere else."""

from dataclasses import dataclass

from journeyman.customers.inbox.door import Inbox
from journeyman.kit.clock import Clock, SystemClock
from journeyman.kit.database import Database
from journeyman.kit.wake import Wake, wake_for
from journeyman.settings import Settings


@dataclass(frozen=True)
class Services:
    """What every process of the product shares."""

    settings: Settings
    database: Database
    clock: Clock
    wake: Wake
    inbox: Inbox

    async def close(self) -> None:
        await self.wake.close()
        await self.database.close()


def build(settings: Settings, *, clock: Clock | None = None, database: Database | None = None) -> Services:
    """The parts that `settings` asks for. Must be called inside the event loop that will use them."""
    database = database or Database(settings.database_url)
    wake = wake_for(database)
    return Services(
        settings=settings,
        database=database,
        clock=clock or SystemClock(),
        wake=wake,
        inbox=Inbox(database, wake, settings.inbox_limit),
    )
