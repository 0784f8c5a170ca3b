"""Taking webhooks of shops and payment services: checked, translated, and through the one door."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.errors import RefusedError, refused
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.json_text import parse
from journeyman.customers.inbox.reading import read_event
from journeyman.customers.sources import repository, shopify, stripe, woocommerce
from journeyman.customers.sources.deliveries import Call, Delivery, Document, Provider
from journeyman.customers.sources.errors import SourceNotConfiguredError
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault

log = logging.getLogger(__name__)

PROVIDERS: dict[str, Provider] = {
    provider.name: provider for provider in (shopify.PROVIDER, woocommerce.PROVIDER, stripe.PROVIDER)
}
NOBODY = "somebody"
"""Stands for the customer of an order while a call that does not name her is read."""

KeepProducts = Callable[[Sequence[Document], Sequence[str]], Awaitable[None]]
"""Takes products as a shop tells of them, and the ids of those that it has deleted."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a webhook came to: events that are new, and products, also such as are gone."""

    events: int = 0
    products: int = 0


class Receiving:
    """Takes webhooks. `secrets` are those of the sources by name, `currency` is what the shop counts in."""

    def __init__(
        self,
        database: Database,
        inbox: Inbox,
        clock: Clock,
        *,
        secrets: Mapping[str, str | None],
        currency: str | None,
        keep_products: KeepProducts,
    ) -> None:
        self._database = database
        self._inbox = inbox
        self._clock = clock
        self._secrets = secrets
        self._currency = currency
        self._keep_products = keep_products

    async def take(self, source: str, delivery: Delivery) -> Received:
        """Store what the call tells, once; what is told beside is passed over.

        Raises `SourceNotConfiguredError`, `SignatureError`, `RefusedError` for a body that is no JSON object, and
        `OverloadedError`.
        """
        provider, now = PROVIDERS[source], self._clock.now()
        secret = self._secrets.get(source)
        if not secret:
            raise SourceNotConfiguredError(source, provider.setting)
        if provider.is_probe(delivery):
            return Received()
        provider.verify(secret, delivery, now)
        told = provider.read(delivery, _document(delivery.body), self._currency)
        events = [event for call in told.calls if (event := await self._event(source, call, now)) is not None]
        stored = await self._inbox.accept(events, now)
        if told.products or told.gone:
            await self._keep_products(told.products, told.gone)
        return Received(len(stored), len(told.products) + len(told.gone))

    async def _event(self, source: str, call: Call, now: datetime) -> Incoming | None:
        """None for what cannot be taken: sent again it would be no better, and the source would stop sending at all."""
        document = call.document
        if call.about_order is not None:
            document = {**document, "anonymousId": NOBODY}
        try:
            event = read_event(document, received_at=now, consents=call.consents)
        except RefusedError as refusal:
            log.warning("%s told what cannot be taken: %s %s", source, refusal.detail, document.get("messageId"))
            return None
        return event if call.about_order is None else await self._addressed(event, call.about_order)

    async def _addressed(self, event: Incoming, order: str) -> Incoming | None:
        """The event to the customer of an order; None where that order was never told."""
        async with self._database.reading() as connection:
            subject = await repository.subject_of_event(connection, order)
        if subject is None:
            log.info("there is no order %s that %s could belong to", order, event.message_id)
            return None
        payload = orjson.loads(event.payload)
        del payload["anonymousId"]
        kind, _, name = subject.partition(":")
        payload[{"c": "customerId", "u": "userId", "a": "anonymousId"}[kind]] = name
        return replace(event, subject=subject, payload=orjson.dumps(payload).decode())


def _document(body: bytes) -> Document:
    found = parse(body).document
    if not isinstance(found, dict):
        raise refused(Fault("", "The body is no JSON object.", "Send the webhook as the source makes it."))
    return found
