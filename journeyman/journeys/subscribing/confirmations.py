"""Double opt-in: a yes that counts only once a link in a mail was followed and a button pressed (L1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import suppressions
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.consents import repository as consents
from journeyman.customers.consents.repository import Confirmation
from journeyman.journeys import repository as journeys
from journeyman.journeys.gates import address_in
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.subscribing.names import names_of
from journeyman.journeys.subscribing.notice import record
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.ids import new_id
from journeyman.kit.wake import Wake

CHANNEL = "email"
SOURCE = "double opt-in"
VALID = timedelta(days=7)
OPEN = ("requested", "sent")
"""States of a confirmation that can still be given: the mail may have arrived although we were not told so."""
PAUSE = timedelta(minutes=10)
"""Between two mails that ask one address."""
PERIOD, AT_MOST = timedelta(days=1), 3
"""So many mails may ask one address in a period: anybody can type anybody's address into a form."""

Request = Literal["requested", "too_often", "suppressed"]
"""What became of the wish to ask: a mail is on its way; enough of them were sent; the address is not written to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail asks about, in words; whether its link can still be used; whether something of it is a yes."""

    names: Sequence[str]
    is_open: bool
    holds: bool


class Confirmations:
    """Asks for confirmations and takes them. Mails are sent by the worker, which the outbox tells."""

    def __init__(self, database: Database, wake: Wake, clock: Clock, digest_key: bytes) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock
        self.digest_key = digest_key

    async def request(
        self, connection: AsyncConnection, customer_id: str, address: str, updates: Sequence[ConsentUpdate]
    ) -> Request:
        """Have `address` asked about yeses that were recorded as pending, unless it was asked too often."""
        now = self.clock.now()
        if await suppressions.suppression_reason(connection, CHANNEL, address, self.digest_key):
            return "suppressed"
        digest = suppressions.address_digest(CHANNEL, address, self.digest_key)
        count, newest = await consents.asked_since(connection, digest, now - PERIOD)
        if count >= AT_MOST or (newest is not None and newest > now - PAUSE):
            return "too_often"
        confirmation = _new(customer_id, digest, updates, now)
        await consents.save_confirmation(connection, confirmation)
        workflow_id = f"confirmation/{confirmation.id}"
        command = EngineCommand("confirm", confirmation.id, workflow_id, {"confirmation": confirmation.id})
        await journeys.tell(connection, [command], now)
        return "requested"

    async def asked(self, confirmation_id: str, language: str) -> Asked | None:
        """What a link is about; None where that is not known any more."""
        async with self.database.reading() as connection:
            found = await consents.find_confirmation(connection, confirmation_id)
            if found is None:
                return None
            pending = await self._pending(connection, found)
            holds = await self._holds(connection, found)
            topics = {topic.key: topic for topic in await consents.topics(connection)}
        subjects = [one["subject"] for one in found.subjects]
        return Asked(names_of(subjects, topics, language), is_open=bool(pending), holds=holds)

    async def confirm(self, confirmation_id: str, wording: str) -> bool:
        """The button was pressed: the pending yeses count from now on. Pressed again, it changes nothing.

        False where nothing that was asked is a yes afterwards: the link is too old, the customer has another address
        by now, or she has said no since. `wording` is what stood on the page, for yeses that came without one.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            found = await consents.find_confirmation(connection, confirmation_id)
            customer_id = await customers.resolve(connection, found.customer_id) if found else None
            if found is None or customer_id is None:
                return False
            await customers.lock_profiles(connection, [customer_id])
            pending = await self._pending(connection, found)
            updates = [_confirmed(found, one, wording) for one in pending]
            if await record(connection, customer_id, updates, now):
                done = {"state": "confirmed", "confirmed_at": now}
                await consents.change_confirmation(connection, found.id, of_state=OPEN, **done)
            holds = await self._holds(connection, found)
        self.wake.notify()
        return holds

    async def _holds(self, connection: AsyncConnection, asked: Confirmation) -> bool:
        """Whether it was confirmed, and something of it is a yes still."""
        customer_id = await customers.resolve(connection, asked.customer_id) or ""
        said = (await customers.consents(connection, [customer_id], self.clock.now())).get(customer_id, {})
        return any(said.get(one["subject"]) == "yes" for one in asked.subjects)

    async def _pending(self, connection: AsyncConnection, asked: Confirmation) -> list[Any]:
        """The subjects that still wait for this confirmation; none where the link cannot be used any more."""
        customer_id = await customers.resolve(connection, asked.customer_id)
        if customer_id is None or asked.expires_at <= self.clock.now():
            return []
        attributes = await customers.attributes_of(connection, customer_id)
        address = address_in(attributes or {}, CHANNEL)
        if address is None or not self.is_asked(asked, address):
            return []
        states = (await consents.states(connection, [customer_id])).get(customer_id, {})
        waiting = {subject for subject, state in states.items() if state.status == "pending"}
        return [one for one in asked.subjects if one["subject"] in waiting]

    def is_asked(self, asked: Confirmation, address: str) -> bool:
        """Whether it is this address that is asked: who has another by now has confirmed nothing for it."""
        return asked.address_digest == suppressions.address_digest(CHANNEL, address, self.digest_key)


def _new(customer_id: str, digest: str, updates: Sequence[ConsentUpdate], now: datetime) -> Confirmation:
    subjects = [
        {
            "subject": one.subject,
            "source": one.source,
            "wording": one.wording,
            "basis": one.basis,
            "expires_at": one.expires_at.isoformat() if one.expires_at else None,
        }
        for one in updates
    ]
    return Confirmation(
        id=new_id("confirm"),
        customer_id=customer_id,
        address_digest=digest,
        subjects=subjects,
        actor=updates[0].actor,
        state="requested",
        requested_at=now,
        expires_at=now + VALID,
    )


def _confirmed(asked: Confirmation, one: dict[str, Any], wording: str) -> ConsentUpdate:
    ends = one["expires_at"]
    return ConsentUpdate(
        one["subject"],
        "yes",
        source=SOURCE,
        actor=f"confirmation/{asked.id}",
        wording=one["wording"] or wording,
        basis=one["basis"],
        expires_at=datetime.fromisoformat(ends) if ends else None,
    )
