"""A pause is a hold (V4): who enters is held, nothing is sent, timers run on; afterwards all goes on in place."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.campaigns import scheduling
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.experiments.publishing import follow_stop
from journeyman.journeys.migration import repository, starting
from journeyman.journeys.migration.repository import Inside, Kind
from journeyman.journeys.segmentation.listeners import listen
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, NotFoundError
from journeyman.kit.wake import Wake

A_SECOND: Final = 50
"""So many runs go on in a second when a journey goes on, where nobody says otherwise."""


WAKING: Final[tuple[Inside, ...]] = ("wake",)


class Pausing:
    """Pauses, resumes and stops journeys; each may be asked for twice."""

    def __init__(self, database: Database, wake: Wake, clock: Clock, workspace_zone: str = "UTC") -> None:
        self.database = database
        self.wake = wake
        self.clock = clock
        self.workspace_zone = workspace_zone

    async def pause(self, key: str) -> None:
        """Raises `NotFoundError`, and `ConflictError` for a journey that is not live."""
        async with self.database.transaction() as connection:
            if await self._turn(connection, key, "paused", {"live"}):
                await repository.cancel_open(connection, key, WAKING, self.clock.now())
                await self._follow(connection, key)

    async def resume(self, key: str, spread: timedelta | None, by: str) -> None:
        """Go on in place; what is due goes on spread over a time, by default so that 50 a second do.

        Raises `NotFoundError`, and `ConflictError` for a journey that is not paused.
        """
        async with self.database.transaction() as connection:
            if await self._turn(connection, key, "live", {"paused"}):
                given = spread.total_seconds() if spread is not None else None
                await self._begin(connection, key, "resume", "wake", by, given)
                await self._follow(connection, key)
        self.wake.notify()

    async def stop(self, key: str, by: str, *, is_exit: bool = False) -> None:
        """Nobody enters any more; those inside go on to their end, or leave now with the outcome `stopped`."""
        async with self.database.transaction() as connection:
            found = await repository.lock_journey(connection, key)
            was_paused = found is not None and found[0] == "paused"
            is_new = await self._turn(connection, key, "stopped", {"live", "paused"})
            if is_exit:
                await self._begin(connection, key, "stop", "exit", by, None)
            elif was_paused:
                await self._begin(connection, key, "resume", "wake", by, None)
            if is_new:
                await follow_stop(connection, key, self.clock.now())
            # Asked for once more, it lets go of what the last of those inside had listened to.
            await self._follow(connection, key)
        self.wake.notify()

    async def _turn(self, connection: AsyncConnection, key: str, state: str, since: set[str]) -> bool:
        """Whether the journey was in another state before."""
        found = await repository.lock_journey(connection, key)
        if found is None:
            raise NotFoundError(f"there is no journey `{key}`")
        if found[0] == state:
            return False
        if found[1] is None:
            raise ConflictError(f"journey `{key}` was never published")
        if found[0] not in since:
            raise ConflictError(f"journey `{key}` is {found[0]}")
        await documents.set_state(connection, key, state, self.clock.now())
        return True

    async def _begin(
        self, connection: AsyncConnection, key: str, kind: Kind, inside: Inside, by: str, seconds: float | None
    ) -> None:
        found = await documents.journey(connection, key)
        if found is None:
            raise NotFoundError(f"there is no journey `{key}`")
        migration = starting.new(
            key, kind, inside, self.clock.now(), by, version=found["version"], digest=found["hash"]
        )
        population = await repository.live_runs(connection, key)
        migration.spread_seconds = population / A_SECOND if seconds is None else seconds
        await starting.begin(connection, migration)

    async def _follow(self, connection: AsyncConnection, key: str) -> None:
        await listen(connection)
        await scheduling.follow(connection, key, self.workspace_zone, self.clock.now())
