"""A customer as a whole: who she is, what she agreed to, where she is now, and how much there is of her."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeyman.channels.ledger.messages import Message
from journeyman.customers.profile import repository as profiles
from journeyman.customers.profile.repository import StoredChange
from journeyman.insight import repository
from journeyman.insight.lookup import must_know
from journeyman.insight.repository import ConsentSeen, Filters, Profile
from journeyman.insight.runs import Runs, RunSummary
from journeyman.intelligence.predictions import repository as predictions
from journeyman.intelligence.predictions.repository import Prediction
from journeyman.kit.pagination import Page, page_of, read_cursor

MOST_LIVE = 50
"""Live runs that are shown with the customer; all of them have a list of their own."""


@dataclass(frozen=True, slots=True)
class CustomerView:
    """What is known of one customer."""

    profile: Profile
    identifiers: list[tuple[str, str]]
    consents: list[ConsentSeen]
    predictions: list[Prediction]
    live_runs: list[RunSummary]
    counts: dict[str, int]


class Customers:
    """Reads customers."""

    def __init__(self, runs: Runs) -> None:
        self.database = runs.database
        self.runs = runs

    async def view(self, customer: str) -> CustomerView:
        """The customer whom any of her ids names. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            live = await repository.runs(connection, Filters(customer=customer_id, state="live"), None, MOST_LIVE)
            return CustomerView(
                profile=await repository.profile(connection, customer_id),
                identifiers=await repository.identifiers(connection, customer_id),
                consents=await repository.consents(connection, customer_id),
                predictions=await predictions.of_customer(connection, customer_id),
                live_runs=await self.runs.summaries(connection, live),
                counts=await repository.counts(connection, customer_id),
            )

    async def messages(self, customer: str, cursor: str | None, limit: int) -> Page[Message]:
        """What was sent to her and what was not, newest first. Raises `NotFoundError`."""
        after: Any = read_cursor(cursor, datetime, str)
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            found = await repository.messages(connection, customer_id, after, limit + 1)
        return page_of(found, limit, lambda message: (message.reserved_at, message.id))

    async def attribute_changes(
        self, customer: str, attribute: str | None, cursor: str | None, limit: int
    ) -> Page[StoredChange]:
        """How her attributes have changed, or one of them, the newest first. Raises `NotFoundError`."""
        (before,) = read_cursor(cursor, int) or (None,)
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            found = await profiles.changes(connection, customer_id, attribute, before, limit + 1)
        return page_of(found, limit, lambda change: (change.id,))
