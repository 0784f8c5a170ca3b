"""Keeping addresses: of those who were here before anybody asked, and who is judged anew as the list changes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.channels import suppressions
from journeyman.channels.suppressions import normalised
from journeyman.customers import repository as customers
from journeyman.journeys.reach import repository
from journeyman.journeys.reach.addresses import Spot
from journeyman.kit.database import Database

AT_ONCE = 500


async def recheck_at(connection: AsyncConnection, channel: str, addresses: Sequence[str], at: datetime) -> None:
    """Have segments judged anew for who has one of these addresses: it was suppressed, or is so no longer."""
    concerned = await repository.customers_at(connection, channel, [normalised(channel, one) for one in addresses])
    if concerned:
        await customers.recheck(connection, concerned, at)


async def suppressed_among(connection: AsyncConnection, spots: Collection[Spot], key: bytes) -> set[Spot]:
    """Those of these addresses that are not written to."""
    found = set[Spot]()
    for channel in {channel for channel, _ in spots}:
        known_as = {spot: suppressions.digests_of(channel, spot[1], key) for spot in spots if spot[0] == channel}
        every = {digest for digests in known_as.values() for digest in digests}
        listed = await channels.known_digests(connection, channel, every)
        found |= {spot for spot, digests in known_as.items() if not listed.isdisjoint(digests)}
    return found


class AddressKeeper:
    """Keeps the addresses of customers of whom none are kept; intake keeps those that it changes."""

    def __init__(self, database: Database, key: bytes) -> None:
        self.database = database
        self.key = key
        self.is_done = False

    async def step(self) -> int:
        """One transaction's work; returns how many profiles were looked at, 0 where there was nothing to do."""
        if self.is_done:
            return 0
        async with self.database.reading() as connection:
            ids = await repository.unkept(connection, AT_ONCE)
        if not ids:
            self.is_done = True
            return 0
        async with self.database.transaction() as connection:
            people = [one for one in await customers.lock_profiles(connection, ids) if one.id in ids]
            await repository.keep(connection, {one.id: one.attributes for one in people}, self.key)
        return len(ids)
