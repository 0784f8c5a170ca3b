"""Every query of the addresses of customers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, exists, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.tables import Suppression
from journeyman.customers.tables import Customer
from journeyman.journeys.reach.addresses import Spot, rows_of
from journeyman.journeys.reach.tables import Address
from journeyman.kit.bulk import insert_many
from journeyman.kit.holdings import Holding
from journeyman.kit.lists import is_among
from journeyman.language.channels import ATTRIBUTES

ADDRESSES = Holding("addresses", Address, ("channel",), hidden=("digest", "former_digest"))

_CLEAR = delete(Address).where(is_among(Address.customer_id, "customer_ids"))
_LISTED = and_(
    Suppression.channel == Address.channel,
    or_(Suppression.address_digest == Address.digest, Suppression.address_digest == Address.former_digest),
)
_SUPPRESSED = (
    select(Address.channel, Address.address)
    .where(is_among(Address.customer_id, "customer_ids"), exists().where(_LISTED))
    .distinct()
)


async def keep(connection: AsyncConnection, profiles: Mapping[str, Mapping[str, Any]], key: bytes) -> None:
    """Keep the addresses of these customers as their attributes have them now; `key` keys the digests."""
    if not profiles:
        return
    await connection.execute(_CLEAR, {"customer_ids": list(profiles)})
    rows = [row for customer_id, attributes in profiles.items() for row in rows_of(customer_id, attributes, key)]
    await insert_many(connection, Address, rows)


async def suppressed(connection: AsyncConnection, customer_ids: Collection[str]) -> set[Spot]:
    """Those of these customers' addresses that are not written to."""
    rows = await connection.execute(_SUPPRESSED, {"customer_ids": list(customer_ids)})
    return {(channel, address) for channel, address in rows if address is not None}


async def customers_at(connection: AsyncConnection, channel: str, addresses: Sequence[str]) -> set[str]:
    """Who has one of these addresses, which are spelt as the suppression list spells them."""
    query = select(Address.customer_id).where(Address.channel == channel, is_among(Address.address, "addresses"))
    return set((await connection.execute(query, {"addresses": list(addresses)})).scalars())


async def unkept(connection: AsyncConnection, limit: int) -> list[str]:
    """Customers whose addresses were never kept: they were here before anybody asked."""
    missing = [
        and_(
            Customer.attributes[attribute].as_string().is_not(None),
            ~exists().where(Address.customer_id == Customer.id, Address.channel == channel),
        )
        for channel, attribute in ATTRIBUTES.items()
    ]
    query = select(Customer.id).where(Customer.merged_into.is_(None), or_(false(), *missing)).limit(limit)
    return list((await connection.execute(query)).scalars())
