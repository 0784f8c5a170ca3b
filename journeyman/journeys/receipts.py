"""What became of a message, as our links and the providers tell: a receipt is a customer event like any other."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import suppressions
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.channels.ports import Receipt
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.events import Incoming
from journeyman.journeys.direct import incoming
from journeyman.journeys.reach import repository as reach
from journeyman.journeys.reach.keeping import recheck_at
from journeyman.journeys.subscribing.notice import record
from journeyman.journeys.subscribing.subscriptions import Subscriptions
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.ids import new_id
from journeyman.language.channels import DEVICES, TITLES, receipt_name

REASONS = {"bounced": "bounced", "complained": "marked as spam"}
"""Why an address is not written to any more, by what a provider told."""
WHOLE_SECONDS = timedelta(seconds=2)
LEAVING = frozenset({"unsubscribed", "complained"})
DETAIL_LIMIT = 300


class Receipts:
    """Notes what becomes of messages. News of those that are not in the ledger, such as tests, are no receipts."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock) -> None:
        self.database = database
        self.inbox = inbox
        self.clock = clock

    async def opened(self, message_id: str) -> None:
        """Note that a message was opened; only the first time counts."""
        await self._note(message_id, f"rcpt_{message_id}_opened", "opened", {})

    async def clicked(self, message_id: str, url: str) -> None:
        """Note a click on a link; each counts."""
        await self._note(message_id, new_id(f"rcpt_{message_id}_clicked"), "clicked", {"url": url})

    async def pressed(self, message_id: str) -> None:
        """Note that a notification was pressed that leads nowhere; only the first time counts."""
        await self._note(message_id, f"rcpt_{message_id}_pressed", "clicked", {})

    async def delivered(self, message_id: str) -> None:
        """Note that a message was shown where it waited for the customer; only the first time counts."""
        await self._note(message_id, f"rcpt_{message_id}_delivered", "delivered", {})

    async def dismissed(self, message_id: str) -> None:
        """Note that a message was closed; only the first time counts."""
        await self._note(message_id, f"rcpt_{message_id}_dismissed", "dismissed", {})

    async def _note(self, message_id: str, event_id: str, moment: str, more: dict[str, str]) -> None:
        async with self.database.reading() as connection:
            message = await ledger.read(connection, message_id)
        if message is not None:
            now = self.clock.now()
            await self.inbox.accept([_event(message, event_id, receipt_name(message.channel, moment), now, more)], now)


class ProviderReceipts:
    """Notes what providers tell. The same news counts once, in whatever order and however often it comes."""

    def __init__(
        self, receipts: Receipts, subscriptions: Subscriptions, digest_key: bytes, channels: Mapping[str, str]
    ) -> None:
        """`channels` names the channel of each provider."""
        self.database = receipts.database
        self.inbox = receipts.inbox
        self.clock = receipts.clock
        self.subscriptions = subscriptions
        self.digest_key = digest_key
        self.channels = channels

    async def note(self, provider: str, told: Sequence[Receipt]) -> int:
        """Returns how many of them were about messages of ours. Once it returns, dead addresses are written to no more.

        Raises `FullError` where the inbox is full: the provider is to come again.
        """
        now = self.clock.now()
        async with self.database.reading() as connection:
            found = [(one, await _message_of(connection, provider, one)) for one in told]
        known = [(one, message) for one, message in found if message is not None]
        events = [event for one, message in known if (event := _news(provider, one, message, now)) is not None]
        await self.inbox.accept(events, now)
        for one, message in known:
            await self._heed(one, message)
        gone = [one.address for one, message in found if message is None and one.address and one.status in LEAVING]
        return len(known) + await self._end(provider, gone)

    async def _end(self, provider: str, addresses: Sequence[str]) -> int:
        """Who blocks us in a chat means no message, and leaves all the same: consent of who has the address ends."""
        channel = self.channels.get(provider)
        if channel is None or not addresses:
            return 0
        spelled = [suppressions.normalised(channel, address) for address in addresses]
        update = ConsentUpdate(channel, "no", f"blocked ({channel})", f"provider/{provider}")
        async with self.database.transaction() as connection:
            people = sorted(await reach.customers_at(connection, channel, spelled))
            for customer_id in people:
                if await customers.lock_profiles(connection, [customer_id]):
                    await record(connection, customer_id, [update], self.clock.now())
        self.subscriptions.wake.notify()
        return len(people)

    async def _heed(self, receipt: Receipt, message: Message) -> None:
        """What the product does about it itself: who complains or leaves gets no more, nor does a dead address."""
        if receipt.status in {"complained", "unsubscribed"}:
            await self.subscriptions.unsubscribe(message.id, f"{receipt.status} ({message.channel})", "")
        is_dead = receipt.status == "complained" or (receipt.status in {"bounced", "failed"} and receipt.permanent)
        address = message.address or receipt.address
        if not is_dead or address is None or message.channel in DEVICES:
            return
        now = self.clock.now()
        reason = REASONS.get(receipt.status, "bounced")
        async with self.database.transaction() as connection:
            await suppressions.suppress(
                connection, message.channel, address, reason, now, key=self.digest_key, readable=True
            )
            await recheck_at(connection, message.channel, [address], now)


async def _message_of(connection: AsyncConnection, provider: str, receipt: Receipt) -> Message | None:
    """The message that a provider speaks of: by our id where it hands it back, else by its own."""
    if receipt.message_id is not None:
        return await ledger.read(connection, receipt.message_id)
    if receipt.provider_message_id is None:
        return None
    return await ledger.by_provider(connection, provider, receipt.provider_message_id)


def _news(provider: str, receipt: Receipt, message: Message, now: datetime) -> Incoming | None:
    """The event of a receipt; that the provider has it is none, for the ledger says so."""
    if receipt.status == "sent":
        return None
    moment = "bounced" if receipt.status == "failed" else receipt.status
    if moment == "unsubscribed":
        # The subscription that is ended tells of itself.
        return None
    name = receipt_name(message.channel, moment)
    if receipt.machine:
        name = f"{TITLES[message.channel]} Opened by Machine"
    more: dict[str, Any] = {"provider": provider, **receipt.properties}
    more |= {"url": receipt.url} if receipt.url else {}
    more |= {"detail": receipt.detail[:DETAIL_LIMIT]} if receipt.detail else {}
    more |= {"permanent": receipt.permanent} if moment == "bounced" else {}
    return _event(message, f"rcpt_{provider}_{receipt.id}"[:200], name, moment_of(receipt.at, now), more)


def moment_of(told: datetime, now: datetime) -> datetime:
    """When something happened that a provider tells in whole seconds: what has just happened happened now.

    Else an answer that comes within the second would lie before the question.
    """
    return now if now - told < WHOLE_SECONDS else told


def _event(message: Message, event_id: str, name: str, at: datetime, more: dict[str, Any]) -> Incoming:
    told = {"message_id": message.id, "channel": message.channel, "journey": message.journey_key, "step": message.step}
    return incoming(message.customer_id, event_id, "receipt", name, at, {**told, **more})
