"""Companies, teams and households: kept from `group` calls, and read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.groups import repository
from journeyman.customers.groups.repository import Belonging, Member, Membership, StoredGroup
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

Saying = tuple[str, str, Mapping[str, Any], datetime]
"""A group, the customer who belongs to it, what is said of the group, and when."""


async def note(connection: AsyncConnection, sayings: Sequence[Saying], now: datetime) -> None:
    """Keep what `group` calls said, in a few statements however many they are, in whichever order they come."""
    if not sayings:
        return
    created: dict[str, datetime] = {}
    since: dict[Membership, datetime] = {}
    for group, customer, _, at in sayings:
        created[group] = min(at, created.get(group, at))
        since[group, customer] = min(at, since.get((group, customer), at))
    profiles = await repository.lock(connection, created, now)
    for group, _, traits, at in sayings:
        profiles[group].take(traits, at)
    await repository.save(connection, profiles.values(), now)
    await repository.save_members(connection, since)


class Groups:
    """Reads groups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, group_id: str) -> StoredGroup:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            found = await repository.find(connection, group_id)
        if found is None:
            raise NotFoundError(f"there is no group `{group_id}`")
        return found

    async def members(self, group_id: str, cursor: str | None, limit: int) -> Page[Member]:
        """Raises `NotFoundError`, and `InvalidError` for a cursor that is none."""
        (after,) = read_cursor(cursor, str) or (None,)
        await self.get(group_id)
        async with self._database.reading() as connection:
            found = await repository.members(connection, group_id, after, limit + 1)
        return page_of(found, limit, lambda one: (one.customer,))

    async def of_customer(self, given: str, cursor: str | None, limit: int) -> Page[Belonging]:
        """The groups of a customer by any of her ids. Raises as `members`."""
        (after,) = read_cursor(cursor, str) or (None,)
        async with self._database.reading() as connection:
            customer_id = await customers.resolve(connection, given)
            if customer_id is None:
                raise NotFoundError(f"there is no customer `{given}`")
            found = await repository.groups_of(connection, customer_id, after, limit + 1)
        return page_of(found, limit, lambda one: (one.group,))
