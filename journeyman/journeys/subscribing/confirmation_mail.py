"""Sending the mail that asks to confirm a yes: its row is its ledger, and the worker tries until it is settled."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import double_opt_in, suppressions
from journeyman.channels import repository as channels
from journeyman.channels.content.alternatives import spoken
from journeyman.channels.content.email import EmailContent
from journeyman.channels.errors import AddressRejectedError, RejectedError, SendError, ThrottledError
from journeyman.channels.languages import spoken_by, told_by
from journeyman.channels.ports import OutgoingMail, Sender
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import render_email
from journeyman.channels.tracking import Tokens
from journeyman.customers import repository as customers
from journeyman.customers.consents import repository as consents
from journeyman.customers.consents.repository import Confirmation
from journeyman.journeys.delivery import HAND_OVER_LIMIT, RetryLaterError
from journeyman.journeys.gates import address_in
from journeyman.journeys.reach.keeping import recheck_at
from journeyman.journeys.subscribing.confirmations import CHANNEL
from journeyman.journeys.subscribing.names import names_of
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database

AGAIN = timedelta(seconds=30)
"""The pause before a provider that could not take the mail is asked again."""
AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""Out-of-office programs do not answer to it (RFC 3834 section 5)."""


class NotToBeSentError(Exception):
    """The mail is not sent, and will not be; the text says why."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail that may leave, and what it was rendered from."""

    outgoing: OutgoingMail
    template_hash: str


class ConfirmationMail:
    """Sends one mail, once: a transactional message, which no consent stands behind yet."""

    def __init__(
        self, database: Database, clock: Clock, sender: Sender[OutgoingMail], tokens: Tokens, digest_key: bytes
    ) -> None:
        self.database = database
        self.clock = clock
        self.sender = sender
        self.tokens = tokens
        self.digest_key = digest_key

    async def __call__(self, confirmation_id: str) -> None:
        """Send it unless that is settled already. Raises `RetryLaterError` where the provider cannot take it now.

        An attempt that ended without an answer is repeated under the same Message-ID: a second mail that asks does
        less harm than none.
        """
        async with self.database.reading() as connection:
            asked = await consents.find_confirmation(connection, confirmation_id)
            if asked is None or asked.state != "requested":
                return
            ready, why = None, ""
            try:
                ready = await self._ready(connection, asked)
            except (NotToBeSentError, RenderError) as error:
                why = str(error)
        if ready is None:
            await self._settle(asked, state="failed", detail=why)
        else:
            await self._send(asked, ready)

    async def _ready(self, connection: AsyncConnection, asked: Confirmation) -> Ready:
        """Everything judged at the instant of sending (M2). Raises `NotToBeSentError` and `RenderError`."""
        if asked.expires_at <= self.clock.now():
            raise NotToBeSentError("its link would be over")
        customer_id = await customers.resolve(connection, asked.customer_id) or ""
        attributes = await customers.attributes_of(connection, customer_id) or {}
        address = address_in(attributes, CHANNEL)
        if address is None or suppressions.address_digest(CHANNEL, address, self.digest_key) != asked.address_digest:
            raise NotToBeSentError("the customer has another address by now, or none")
        if await suppressions.suppression_reason(connection, CHANNEL, address, self.digest_key):
            raise NotToBeSentError("the address is suppressed")
        content = await _content(connection, attributes)
        scope = {"customer": {"id": customer_id, **attributes}, **await self._scope(connection, asked, attributes)}
        mail = await asyncio.to_thread(render_email, content, scope, None)
        headers = {**AUTOMATIC, **mail.headers}
        outgoing = OutgoingMail(asked.id, address, mail.subject, mail.html, mail.text, headers)
        return Ready(outgoing, content.hash)

    async def _scope(
        self, connection: AsyncConnection, asked: Confirmation, attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        topics = {topic.key: topic for topic in await consents.topics(connection)}
        subjects = [one["subject"] for one in asked.subjects]
        return {
            "confirm_url": self.tokens.confirmation_url(asked.id),
            "subscriptions": names_of(subjects, topics, spoken_by(attributes)),
        }

    async def _send(self, asked: Confirmation, ready: Ready) -> None:
        try:
            async with asyncio.timeout(HAND_OVER_LIMIT):
                await self.sender.send(ready.outgoing)
        except RejectedError as error:
            if isinstance(error, AddressRejectedError):
                await self._suppress(asked, ready.outgoing.to)
            await self._settle(asked, state="failed", detail=error.detail)
        except (SendError, TimeoutError) as error:
            pause = timedelta(seconds=error.retry_after) if isinstance(error, ThrottledError) else AGAIN
            raise RetryLaterError(str(error) or "no answer in time", pause) from error
        else:
            hashes = {"template_hash": ready.template_hash}
            await self._settle(asked, state="sent", sent_at=self.clock.now(), **hashes)

    async def _settle(self, asked: Confirmation, **changed: object) -> None:
        async with self.database.transaction() as connection:
            await consents.change_confirmation(connection, asked.id, of_state=("requested",), **changed)

    async def _suppress(self, asked: Confirmation, address: str) -> None:
        async with self.database.transaction() as connection:
            # Of somebody who was erased while the server answered the digest alone is kept (L3).
            people = await customers.lock_profiles(connection, [asked.customer_id])
            await suppressions.suppress(
                connection,
                CHANNEL,
                address,
                "rejected by the provider",
                self.clock.now(),
                key=self.digest_key,
                readable=bool(people),
            )
            await recheck_at(connection, CHANNEL, [address], self.clock.now())


async def _content(connection: AsyncConnection, attributes: Mapping[str, Any]) -> EmailContent:
    """The workspace's own template in the customer's language, else the built-in one."""
    language = spoken_by(attributes)
    for key in double_opt_in.keys(language):
        row = await channels.find_whole(connection, key)
        if row is not None:
            return spoken(EmailContent.model_validate(row.body), told_by(attributes))[0]
    return double_opt_in.built_in(language)
