"""The messages that wait for a visitor in the app or on the pages: shown, and what she does with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from journeyman.channels.in_app import repository
from journeyman.channels.in_app.messages import InAppMessage
from journeyman.journeys.receipts import Receipts
from journeyman.journeys.visiting.visitors import Visitor, Visitors
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError

Moment = Literal["delivered", "opened", "clicked", "dismissed"]
KEPT: Final = timedelta(days=30)
"""How long a message stays in the database that is not shown any more."""
AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """Messages of one customer, and how many of all of hers she has not opened."""

    messages: Sequence[InAppMessage]
    unread: int


class InAppMessages:
    """What pages and apps ask for and tell of."""

    def __init__(self, database: Database, visitors: Visitors, receipts: Receipts, clock: Clock) -> None:
        self.database = database
        self.visitors = visitors
        self.receipts = receipts
        self.clock = clock

    async def customer(self, visitor: Visitor) -> str | None:
        """Whose messages a visitor is shown; None where nobody knows her. Raises `UnprovenError`."""
        async with self.database.reading() as connection:
            return await self.visitors.customer(connection, visitor)

    async def of(self, customer_id: str | None, limit: int, before: tuple[datetime, str] | None = None) -> Shelf:
        """Her messages, the newest first."""
        if customer_id is None:
            return Shelf([], 0)
        now = self.clock.now()
        async with self.database.reading() as connection:
            messages = await repository.current(connection, customer_id, now, limit, before)
            return Shelf(messages, await repository.unread(connection, customer_id, now))

    async def note(self, visitor: Visitor, message_id: str, moment: Moment, url: str | None = None) -> None:
        """Note what has happened to a message of hers: it is a customer event.

        Raises `NotFoundError` for a message that is not hers, and `UnprovenError`.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            customer_id = await self.visitors.customer(connection, visitor)
            if customer_id is None or not await repository.is_hers(connection, message_id, customer_id):
                raise NotFoundError("the visitor has no such message")
            if moment in {"opened", "clicked"}:
                await repository.read(connection, message_id, now)
            if moment in {"clicked", "dismissed"}:
                await repository.dismiss(connection, message_id, now)
        await self._tell(message_id, moment, url)

    async def _tell(self, message_id: str, moment: Moment, url: str | None) -> None:
        if moment == "clicked":
            await (self.receipts.clicked(message_id, url) if url else self.receipts.pressed(message_id))
        elif moment == "opened":
            await self.receipts.opened(message_id)
        elif moment == "delivered":
            await self.receipts.delivered(message_id)
        else:
            await self.receipts.dismissed(message_id)


class InAppUpkeep:
    """Forgets messages that have not been shown for a while."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def step(self) -> int:
        """One transaction's work; returns how many are gone, 0 where there was nothing to do."""
        async with self.database.transaction() as connection:
            return await repository.drop_expired(connection, self.clock.now() - KEPT, AT_ONCE)
