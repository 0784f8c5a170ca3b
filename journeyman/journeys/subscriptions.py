"""Consent as customers and staff change it: recorded with its proof, and made known to the journeys (L1, L2)."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers import preferences
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys.direct import incoming
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.kit.ids import new_id
from journeyman.kit.wake import Wake

CHANGED = "Consent Updated"
UNSUBSCRIBED = "Unsubscribed"


@dataclass(frozen=True, slots=True)
class Ended:
    """What an unsubscribe link came to: `known` where the message, and so the customer, is."""

    known: bool
    channel: str = "email"


class Subscriptions:
    """Records consent. Whatever waits for it in a journey is woken by an event in the same transaction."""

    def __init__(self, database: Database, wake: Wake, clock: Clock) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock

    async def record(self, customer: str, updates: list[ConsentUpdate]) -> dict[str, str]:
        """Write what a customer, named by any of her ids, agreed to; returns all her consents afterwards.

        Raises `NotFoundError`.
        """
        async with self.database.transaction() as connection:
            customer_id = await customers.resolve(connection, customer)
            if customer_id is None:
                raise NotFoundError(f"there is no customer `{customer}`")
            await self._record(connection, customer_id, updates)
            found = (await customers.consents(connection, [customer_id])).get(customer_id, {})
        self.wake.notify()
        return found

    async def unsubscribe(self, message_id: str, source: str, wording: str) -> Ended:
        """End the subscription of the customer whom a message went to. Once this returns, nothing more is sent (L2).

        `source` tells how she said it, `wording` what she read when she did. Said again, it changes nothing.
        """
        async with self.database.transaction() as connection:
            message = await ledger.read(connection, message_id)
            customer_id = await customers.resolve(connection, message.customer_id) if message else None
            if message is None or customer_id is None:
                return Ended(known=False)
            update = ConsentUpdate(message.channel, "no", source, f"message/{message.id}", wording)
            await self._record(connection, customer_id, [update])
            await self._receipt(connection, customer_id, message)
        self.wake.notify()
        return Ended(known=True, channel=message.channel)

    async def _record(self, connection: AsyncConnection, customer_id: str, updates: list[ConsentUpdate]) -> None:
        # Two changes at once wait for each other here, as they would for intake.
        await customers.lock(connection, [customer_id])
        now = self.clock.now()
        changed = await preferences.record(connection, customer_id, updates, now)
        if changed:
            properties = {update.subject: update.status for update in changed}
            event = incoming(customer_id, new_id("consent"), "consent", CHANGED, now, properties)
            await append_in(connection, [event], now)

    async def _receipt(self, connection: AsyncConnection, customer_id: str, message: Message) -> None:
        now = self.clock.now()
        properties = {"message_id": message.id, "journey": message.journey_key, "step": message.step}
        event_id = f"rcpt_{message.id}_unsubscribed"
        await append_in(connection, [incoming(customer_id, event_id, "receipt", UNSUBSCRIBED, now, properties)], now)
