"""Telling the journeys that a yes has come to its end (L1): nobody says anything then, so nothing else would."""

from journeyman.customers import repository as customers
from journeyman.customers.consent import EXPIRED
from journeyman.customers.consents import repository as consents
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys.direct import incoming
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.ids import new_id

ENDED = "Consent Expired"
AT_ONCE = 500
"""Customers told of in one transaction, which holds their locks."""


class Expiry:
    """Puts one event for each customer into the inbox whose yes has ended: a wait or a journey may listen for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def step(self) -> int:
        """One transaction's work; returns how many customers it told of, 0 where there was nothing to do."""
        now = self.clock.now()
        async with self.database.reading() as connection:
            due = await consents.ending(connection, now, AT_ONCE)
        if not due:
            return 0
        async with self.database.transaction() as connection:
            # Of somebody who is being erased there is no profile any more, and nothing is told.
            there = {person.id for person in await customers.lock_profiles(connection, set(due))}
            ended = await consents.note_ends(connection, due, now)
            events = [
                incoming(customer_id, new_id("consent"), "consent", ENDED, now, dict.fromkeys(subjects, EXPIRED))
                for customer_id, subjects in ended.items()
                if customer_id in there
            ]
            await append_in(connection, events, now)
        return len(ended)
