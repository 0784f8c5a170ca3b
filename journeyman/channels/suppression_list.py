"""The suppression list as people keep it: read, added to, taken from, and filled from another system's."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository, suppressions
from journeyman.channels.addresses import read_address
from journeyman.channels.repository import SuppressionRow
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

OnChange = Callable[[AsyncConnection, str, Sequence[str], datetime], Awaitable[None]]
"""Is told, in the same transaction, of addresses of a channel that were put on the list or taken from it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that is none, by its place in the list."""

    index: int
    detail: str


@dataclass(slots=True)
class Taken:
    """What became of a list of addresses."""

    added: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)


class SuppressionList:
    """One list for the workspace, under one key for its digests."""

    def __init__(self, database: Database, clock: Clock, digest_key: bytes, on_change: OnChange | None = None) -> None:
        self.database = database
        self.clock = clock
        self.digest_key = digest_key
        self.on_change = on_change

    async def page(self, channel: str | None, cursor: str | None, limit: int) -> Page[SuppressionRow]:
        """The newest first."""
        after: Any = read_cursor(cursor, datetime, str, str)
        async with self.database.reading() as connection:
            found = await repository.suppressions(connection, channel, after, limit + 1)
        return page_of(found, limit, lambda row: (row.at, row.channel, row.address_digest))

    async def find(self, channel: str, address: str) -> list[SuppressionRow]:
        """The row of one address, in any spelling, if it is on the list."""
        async with self.database.reading() as connection:
            row = await suppressions.find(connection, channel, address, self.digest_key)
        return [row] if row is not None else []

    async def add(self, channel: str, address: str, reason: str, actor: str) -> SuppressionRow:
        """Put an address on the list; the first reason stays. Raises `InvalidError` for what is no address."""
        if detail := problem_of(channel, address):
            raise InvalidError(detail, [Fault("/address", detail, "Write one address of the channel")])
        async with self.database.transaction() as connection:
            await suppressions.suppress_all(
                connection, channel, [address], reason, self.clock.now(), key=self.digest_key, actor=actor
            )
            await self._tell(connection, channel, [address])
            row = await suppressions.find(connection, channel, address, self.digest_key)
        if row is None:
            raise LookupError("an address that was just suppressed is not on the list")
        return row

    async def take(self, channel: str, addresses: Sequence[str], reason: str, actor: str) -> Taken:
        """Put many on the list; what is no address is told by its place, and the others are taken."""
        problems = ((index, problem_of(channel, address)) for index, address in enumerate(addresses))
        taken = Taken(refused=[Refused(index, detail) for index, detail in problems if detail])
        refused = {one.index for one in taken.refused}
        good = [address for index, address in enumerate(addresses) if index not in refused]
        async with self.database.transaction() as connection:
            taken.added = await suppressions.suppress_all(
                connection, channel, good, reason, self.clock.now(), key=self.digest_key, actor=actor
            )
            await self._tell(connection, channel, good)
        taken.known = len(good) - taken.added
        return taken

    async def remove(self, channel: str, address: str) -> None:
        """Let an address be written to again. Raises `NotFoundError` where it is not on the list."""
        async with self.database.transaction() as connection:
            if not await suppressions.release(connection, channel, address, self.digest_key):
                raise NotFoundError(f"this address is not suppressed on {channel}")
            await self._tell(connection, channel, [address])

    async def _tell(self, connection: AsyncConnection, channel: str, addresses: Sequence[str]) -> None:
        if self.on_change is not None:
            await self.on_change(connection, channel, addresses, self.clock.now())


def problem_of(channel: str, address: str) -> str | None:
    """Why a text is no address of a channel."""
    if not address.strip():
        return "it is empty"
    if channel != "email":
        return None
    try:
        read_address(address.strip())
    except ValueError as error:
        return str(error)
    return None
