"""What customers said of channels and topics, with the proof, for people who ask."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.consents import repository
from journeyman.customers.consents.repository import Proven
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor


class Consents:
    """Reads consent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def current(self, customer: str) -> list[Proven]:
        """What stands of each subject now. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            customer_id = await _must_resolve(connection, customer)
            return await repository.current(connection, customer_id, self.clock.now())

    async def history(self, customer: str, cursor: str | None, limit: int) -> Page[Proven]:
        """Everything that she said, newest first. Raises `NotFoundError`."""
        after: Any = read_cursor(cursor, datetime, int)
        async with self.database.reading() as connection:
            customer_id = await _must_resolve(connection, customer)
            found = await repository.history(connection, customer_id, after, limit + 1)
        return page_of(found, limit, lambda one: (one.at, one.id))


async def _must_resolve(connection: AsyncConnection, customer: str) -> str:
    customer_id = await customers.resolve(connection, customer)
    if customer_id is None:
        raise NotFoundError(f"there is no customer `{customer}`")
    return customer_id
