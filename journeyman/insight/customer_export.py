"""Everything that is held of a customer, as one JSON document that is written while it is read (L3)."""

from collections.abc import AsyncIterator

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.erasure import repository as channels
from journeyman.customers.erasure import repository as customers
from journeyman.customers.erasure.receipts import Belongings
from journeyman.insight.lookup import must_know
from journeyman.journeys.erasing import belongings_of
from journeyman.journeys.erasure.addresses import listed
from journeyman.journeys.erasure.holdings import ALL
from journeyman.kit.bulk import Row
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.holdings import read

CONTENTS, SUPPRESSIONS = "contents", "suppressions"
"""Sections beside those of the tables: what her messages were made of, and her addresses that are not written to."""


class CustomerExport:
    """Reads a customer's data on one snapshot; a page of rows is in memory at a time."""

    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        self.database = database
        self.clock = clock
        self.key = key

    async def of(self, customer: str) -> AsyncIterator[bytes]:
        """The document in parts, for a customer named by any of her ids. Raises `NotFoundError` before the first."""
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
        return self._document(customer_id)

    async def _document(self, customer_id: str) -> AsyncIterator[bytes]:
        async with self.database.engine.connect() as connection:
            if not self.database.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            family = await customers.family(connection, customer_id)
            belongings = await belongings_of(connection, family)
            head = {"customer": customer_id, "ids": family, "exported_at": self.clock.now()}
            yield orjson.dumps(head)[:-1]
            for holding in ALL:
                async for part in _section(holding.section, read(connection, holding, belongings.owned)):
                    yield part
            async for part in _section(CONTENTS, channels.contents(connection, belongings.owned)):
                yield part
            async for part in _section(SUPPRESSIONS, self._suppressions(connection, belongings)):
                yield part
            yield b"}"

    async def _suppressions(self, connection: AsyncConnection, belongings: Belongings) -> AsyncIterator[Row]:
        for channel, address, digests in listed(belongings, self.key):
            for row in await channels.suppressed(connection, channel, digests):
                yield {**row, "address": address}


async def _section(name: str, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    yield b"," + orjson.dumps(name) + b":["
    separator = b""
    async for row in rows:
        yield separator + orjson.dumps(row, default=str)
        separator = b","
    yield b"]"
