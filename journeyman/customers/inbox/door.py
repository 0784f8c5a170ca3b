"""The door of the inbox: through it comes all that is known of customers, calls of clients and receipts alike."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.repository import append, append_over, depth
from journeyman.kit.database import Database
from journeyman.kit.errors import OverloadedError
from journeyman.kit.sessions import Sessions
from journeyman.kit.wake import Wake

COUNT_EVERY = 1.0
"""Seconds between two counts of the inbox, at most."""
RETRY_AFTER = 5
"""Seconds after which a refused client should ask again; intake clears thousands of events in that time."""


class Inbox:
    """Takes events in while no more than `limit` wait for intake, and wakes intake.

    The number is counted once a second at most and kept up to date with what comes in through this process between.
    """

    def __init__(
        self, database: Database, wake: Wake, limit: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._sessions = Sessions(database)
        self._wake = wake
        self._limit = limit
        self._monotonic = monotonic
        self._waiting = 0
        self._counted_at = -COUNT_EVERY

    async def accept(self, events: Sequence[Incoming], received_at: datetime) -> list[str]:
        """Store what is new; returns the message ids newly stored, once they are safe.

        Raises `OverloadedError`, with nothing stored, while more than the limit wait.
        """
        if not events:
            return []
        if await self.waiting() > self._limit:
            raise OverloadedError(f"More than {self._limit} events wait for intake.", RETRY_AFTER)
        stored = await self._append(events, received_at)
        self._waiting += len(stored)
        self._wake.notify()
        return stored

    async def close(self) -> None:
        await self._sessions.close()

    async def _append(self, events: Sequence[Incoming], received_at: datetime) -> list[str]:
        if self._database.is_sqlite:
            return await append(self._database, events, received_at)
        return await append_over(self._sessions, events, received_at)

    async def is_crowded(self) -> bool:
        """Whether so many wait that what is in no hurry should not come in now."""
        return await self.waiting() > self._limit // 2

    async def waiting(self) -> int:
        """How many events wait, as of the last second."""
        now = self._monotonic()
        if now >= self._counted_at + COUNT_EVERY:
            self._counted_at = now  # first, so that of many callers at once only one counts
            self._waiting = await depth(self._database, self._limit)
        return self._waiting
