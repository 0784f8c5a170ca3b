"""Messages on their way to pages that are open: each hears of its own customer's the moment they change."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from journeyman.channels.in_app import repository
from journeyman.channels.in_app.messages import InAppMessage
from journeyman.journeys.visiting.messages import InAppMessages
from journeyman.kit.database import Database
from journeyman.kit.errors import OverloadedError
from journeyman.kit.wake import Listener, Wake

log = logging.getLogger(__name__)

HEARTBEAT: Final = 15.0
"""Seconds after which a page hears that the line is there, so that no proxy cuts it."""
LOOK: Final = 5.0
"""Seconds between two looks without a bell."""
GAP: Final = 0.05
"""Seconds between two looks however often the bell rings: everything that comes in rings it."""
OVERLAP: Final = timedelta(seconds=10)
"""Changes are looked for again for this long: clocks differ, and transactions end later than they begin."""
BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)
MOST: Final = 10_000
"""Pages that one process serves."""
SHOWN: Final = 50
"""Messages that a page is told of at most."""


class Streams:
    """The open pages of one process. One look at the database serves them all; there is none while nobody is there."""

    def __init__(self, database: Database, wake: Wake, messages: InAppMessages) -> None:
        self.database = database
        self.wake = wake
        self.messages = messages
        self._bells: defaultdict[str, set[Listener]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None
        self._looked_at: datetime | None = None
        self._told: dict[str, datetime] = {}

    async def of(self, customer_id: str) -> AsyncIterator[InAppMessage | str | None]:
        """Her messages as they come, from those that are there; the id of one that is gone; None as a heartbeat.

        Raises `OverloadedError` where the process serves as many as it can.
        """
        bell = self._open(customer_id)
        shown: dict[str, InAppMessage] = {}
        try:
            while True:
                there = {one.id: one for one in (await self.messages.of(customer_id, SHOWN)).messages}
                for gone in [one for one in shown if one not in there]:
                    yield gone
                for message in reversed(there.values()):
                    if shown.get(message.id) != message:
                        yield message
                shown = there
                while not await bell.wait(HEARTBEAT):
                    yield None
        finally:
            await self._close(customer_id, bell)

    def _open(self, customer_id: str) -> Listener:
        if sum(len(bells) for bells in self._bells.values()) >= MOST:
            raise OverloadedError("as many pages are open as one process serves", 30)
        bell = Listener()
        self._bells[customer_id].add(bell)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_forever())
        return bell

    async def _close(self, customer_id: str, bell: Listener) -> None:
        self._bells[customer_id].discard(bell)
        if not self._bells[customer_id]:
            del self._bells[customer_id]
        if not self._bells:
            await self.close()

    async def close(self) -> None:
        """Look no more."""
        looking, self._looking, self._looked_at = self._looking, None, None
        if looking is not None:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    async def _look_forever(self) -> None:
        heard = self.wake.listener()
        while True:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the database may fail in any way; the next look may do
                log.warning("open pages were not told of their messages, trying again: %s", error)
            await asyncio.sleep(GAP)
            await heard.wait(LOOK)

    async def _look(self) -> None:
        async with self.database.reading() as connection:
            if self._looked_at is None:
                self._looked_at = await repository.newest_change(connection) or BEGINNING
            changed = dict(await repository.changed_since(connection, self._looked_at - OVERLAP))
        for customer_id, at in changed.items():
            if self._told.get(customer_id) != at:
                for bell in self._bells.get(customer_id, ()):
                    bell.ring()
        self._told = changed
        self._looked_at = max([self._looked_at, *changed.values()])
