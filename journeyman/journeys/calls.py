"""Entries that somebody asks for by a call, for one customer or many (`entry: {on: api}`)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.json_text import storable
from journeyman.customers.repository import Addressee
from journeyman.journeys.direct import entering
from journeyman.journeys.documents import repository as documents
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id

MADE_IDS = "cus_"
"""How ids begin that the product makes itself; one that nobody has is a mistake, not a new customer."""


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody, by our id or by her own user id, and what becomes the run's entry."""

    customer: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A call that is stored; `id` is the event under which the journal tells what came of it."""

    id: str
    customer: str


class Calls:
    """Takes calls in through the inbox, so that intake decides them in their order among all other events."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock) -> None:
        self.database = database
        self.inbox = inbox
        self.clock = clock

    async def enter(self, journey: str, calls: Sequence[Call], idempotency_key: str | None) -> list[Accepted]:
        """Store the calls; the same ones under the same key are stored once.

        A user id that nobody has is taken as a new customer's. Raises `NotFoundError` and `ConflictError` for a
        journey that cannot be entered by a call, `InvalidError` for customers who cannot be meant.
        """
        async with self.database.reading() as connection:
            await _must_be_open(connection, journey)
            known = await customers.addressees(connection, {call.customer for call in calls})
        _refuse_unknown(calls, known)
        now = self.clock.now()
        ids = [_event_id(journey, number, call, idempotency_key) for number, call in enumerate(calls)]
        events = [
            entering(_addressee(call, known), event_id, journey, now, storable(dict(call.context)))
            for event_id, call in zip(ids, calls, strict=True)
        ]
        await self.inbox.accept(events, now)
        return [Accepted(event_id, call.customer) for event_id, call in zip(ids, calls, strict=True)]


async def _must_be_open(connection: AsyncConnection, key: str) -> None:
    found = await documents.journey(connection, key)
    if found is None:
        raise NotFoundError(f"there is no journey `{key}`")
    if found["state"] not in {"live", "paused"}:
        raise ConflictError(f"journey `{key}` is not live: it is {found['state']}")
    starts_on = await documents.starter(connection, key, found["version"])
    if starts_on != "api":
        raise ConflictError(f"journey `{key}` starts on `{starts_on}`; a call needs `entry: {{on: api}}`")


def _refuse_unknown(calls: Sequence[Call], known: Mapping[str, Addressee]) -> None:
    faults = [
        Fault(
            f"/{number}/customer" if len(calls) > 1 else "/customer",
            f"there is no customer `{call.customer}`",
            "Give the customer's id or user id as the API shows it",
        )
        for number, call in enumerate(calls)
        if call.customer.startswith(MADE_IDS) and call.customer not in known
    ]
    if faults:
        raise InvalidError("a customer is not known", faults)


def _addressee(call: Call, known: Mapping[str, Addressee]) -> Addressee:
    return known.get(call.customer) or Addressee(f"u:{call.customer}", None, call.customer)


def _event_id(journey: str, number: int, call: Call, idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return new_id("enter")
    named = "\n".join((journey, idempotency_key, str(number), call.customer))
    return "enter_" + hashlib.sha256(named.encode()).hexdigest()[:32]
