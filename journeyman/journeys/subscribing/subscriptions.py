"""Consent as customers and staff change it: recorded with its proof, and made known to the journeys (L1, L2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.consents import repository as consents
from journeyman.customers.consents.topic import Topic
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys.direct import incoming
from journeyman.journeys.gates import address_in
from journeyman.journeys.subscribing.confirmations import CHANNEL, Confirmations
from journeyman.journeys.subscribing.confirmations import Request as ConfirmationRequest
from journeyman.journeys.subscribing.notice import record
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.language.channels import CHANNELS

UNSUBSCRIBED = "Unsubscribed"


@dataclass(frozen=True, slots=True)
class Ended:
    """What an unsubscribe link came to: `known` where the message, and so the customer, is."""

    known: bool
    channel: str = "email"


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that a customer has said so far; `confirmation` is what became of asking her to confirm it, if she is."""

    consents: dict[str, str]
    confirmation: ConfirmationRequest | None = None


class Subscriptions:
    """Records consent. Whatever waits for it in a journey is woken by an event in the same transaction.

    `double_opt_in` says whether a yes to e-mail has to be confirmed where neither the caller nor its topic says so.
    """

    def __init__(self, confirmations: Confirmations, *, double_opt_in: bool = False) -> None:
        self.database = confirmations.database
        self.wake = confirmations.wake
        self.clock = confirmations.clock
        self.confirmations = confirmations
        self.double_opt_in = double_opt_in

    async def record(
        self, customer: str, updates: Sequence[ConsentUpdate], double_opt_in: Mapping[str, bool] | None = None
    ) -> Recorded:
        """Write what a customer, named by any of her ids, agreed to; `double_opt_in` says so for some subjects.

        Raises `NotFoundError`, and `InvalidError` for a yes that cannot be confirmed by mail.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            customer_id = await customers.resolve(connection, customer)
            if customer_id is None:
                raise NotFoundError(f"there is no customer `{customer}`")
            # Two changes at once wait for each other here, as they would for intake.
            await customers.lock_profiles(connection, [customer_id])
            topics = {topic.key: topic for topic in await consents.topics(connection)}
            based = [_based(update, topics) for update in updates]
            doubtful = await self._doubtful(connection, customer_id, based, topics, double_opt_in or {})
            await record(connection, customer_id, [doubtful.get(one.subject, one) for one in based], now)
            confirmation = await self._ask(connection, customer_id, list(doubtful.values()))
            found = (await customers.consents(connection, [customer_id], now)).get(customer_id, {})
        self.wake.notify()
        return Recorded(found, confirmation)

    async def _doubtful(
        self,
        connection: AsyncConnection,
        customer_id: str,
        updates: Sequence[ConsentUpdate],
        topics: Mapping[str, Topic],
        wanted: Mapping[str, bool],
    ) -> dict[str, ConsentUpdate]:
        """The yeses that have to be confirmed, as pending; what is a yes already needs no confirmation."""
        states = (await consents.states(connection, [customer_id])).get(customer_id, {})
        now = self.clock.now()
        known = {subject for subject, state in states.items() if state.read_at(now) == "yes"}
        return {
            one.subject: replace(one, status="pending")
            for one in updates
            if one.status == "yes" and one.subject not in known and self._must_confirm(one.subject, topics, wanted)
        }

    def _must_confirm(self, subject: str, topics: Mapping[str, Topic], wanted: Mapping[str, bool]) -> bool:
        if subject in wanted:
            return wanted[subject]
        if subject in topics:
            return topics[subject].double_opt_in
        return self.double_opt_in and subject == CHANNEL

    async def _ask(
        self, connection: AsyncConnection, customer_id: str, pending: Sequence[ConsentUpdate]
    ) -> ConfirmationRequest | None:
        if not pending:
            return None
        faults = [
            Fault(f"/{one.subject}/double_opt_in", "a mail proves nothing about another channel", "Leave it out")
            for one in pending
            if one.subject in CHANNELS and one.subject != CHANNEL
        ]
        address = address_in(await customers.attributes_of(connection, customer_id) or {}, CHANNEL)
        if address is None:
            detail = "the customer has no e-mail address that could be asked"
            faults.append(Fault(f"/{pending[0].subject}/double_opt_in", detail, "Identify her with an `email` first"))
        if faults or address is None:
            raise InvalidError(faults[0].detail, faults)
        return await self.confirmations.request(connection, customer_id, address, pending)

    async def channel_of(self, message_id: str) -> str:
        """The channel of a message; e-mail where it is not known any more."""
        async with self.database.reading() as connection:
            message = await ledger.read(connection, message_id)
        return message.channel if message is not None else "email"

    async def unsubscribe(self, message_id: str, source: str, wording: str) -> Ended:
        """End the subscription of the customer whom a message went to. Once this returns, nothing more is sent (L2).

        `source` tells how she said it, `wording` what she read when she did. Said again, it changes nothing.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            message = await ledger.read(connection, message_id)
            customer_id = await customers.resolve(connection, message.customer_id) if message else None
            if message is None or customer_id is None:
                return Ended(known=False)
            await customers.lock_profiles(connection, [customer_id])
            update = ConsentUpdate(message.channel, "no", source, f"message/{message.id}", wording)
            await record(connection, customer_id, [update], now)
            await note_unsubscribed(connection, customer_id, message, now)
        self.wake.notify()
        return Ended(known=True, channel=message.channel)


async def note_unsubscribed(connection: AsyncConnection, customer_id: str, message: Message, now: datetime) -> None:
    """A receipt: this message made its reader leave. Only the first time counts."""
    properties = {"message_id": message.id, "journey": message.journey_key, "step": message.step}
    event_id = f"rcpt_{message.id}_unsubscribed"
    await append_in(connection, [incoming(customer_id, event_id, "receipt", UNSUBSCRIBED, now, properties)], now)


def _based(update: ConsentUpdate, topics: Mapping[str, Topic]) -> ConsentUpdate:
    """A yes without a basis has that of its topic."""
    topic = topics.get(update.subject)
    if topic is None or update.basis is not None or update.status == "no":
        return update
    return replace(update, basis=topic.basis)
