"""Customer events that do not come through the API: signalled to a run, or made by the product itself."""

from datetime import datetime
from typing import Any

import orjson

from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.json_text import dump
from journeyman.customers.repository import Addressee
from journeyman.journeys import repository
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database

ENTRY = "Entry Requested"
"""The name of the event that asks for an entry by a call of the API."""


def incoming(
    customer_id: str, message_id: str, kind: str, name: str, at: datetime, properties: dict[str, Any]
) -> Incoming:
    """An event about a customer by id. `kind` is `track`, `receipt` or `consent`."""
    payload = {"type": kind, "name": name, "customerId": customer_id, "properties": properties}
    return Incoming(f"c:{customer_id}", message_id, at, orjson.dumps(payload).decode())


def entering(named: Addressee, message_id: str, journey: str, at: datetime, properties: dict[str, Any]) -> Incoming:
    """An event that asks for an entry into a journey; it waits in line with what the customer did before."""
    who = {"customerId": named.customer_id} if named.customer_id else {"userId": named.user_id}
    payload = {"type": "enter", "name": ENTRY, **who, "journey": journey, "context": {"journey": journey}}
    return Incoming(named.subject, message_id, at, dump({**payload, "properties": properties}).decode())


class DirectEvents:
    """Puts events that services signal to runs into the inbox."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock) -> None:
        self.database = database
        self.inbox = inbox
        self.clock = clock

    async def accept(self, run_id: str, event_id: str, name: str, at: datetime, properties: dict[str, Any]) -> None:
        """Store the event once, however often it is signalled; it concerns all of the customer's journeys."""
        async with self.database.reading() as connection:
            customer_id = await repository.customer_of_run(connection, run_id)
        if customer_id is None:
            raise LookupError(f"there is no run {run_id}")
        event = incoming(customer_id, event_id, "track", name, at, properties)
        await self.inbox.accept([event], self.clock.now())
