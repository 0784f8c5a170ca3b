"""What the channels hold of customers, and what an erasure leaves of it."""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.devices.repository import DEVICES
from journeyman.channels.in_app.repository import IN_APP_MESSAGES
from journeyman.channels.tables import Message, ShortLink, Suppression, TemplateBody
from journeyman.kit.bulk import Row
from journeyman.kit.holdings import Holding, Owned


def _nobodys(_message: Mapping[str, Any]) -> Row:
    return {"address": None, "subject": None, "detail": None, "provider_message_id": None}


MESSAGES = Holding("messages", Message, ("reserved_at", "id"), blank=_nobodys)
"""The ledger goes on counting what was sent; to whom and with which words is gone."""
SHORT_LINKS = Holding("short_links", ShortLink, ("code",))
HOLDINGS = (MESSAGES, SHORT_LINKS, DEVICES, IN_APP_MESSAGES)
NOT_PERSONAL: Mapping[str, str] = {
    "suppressions": "known by a keyed digest, which has to outlive an erasure; the address beside it is taken away"
}


async def addresses(connection: AsyncConnection, owned: Owned) -> set[tuple[str, str]]:
    """(channel, address) of everything that was sent to a customer."""
    mine = Message.customer_id.in_(list(owned["customer"]))
    query = select(Message.channel, Message.address).where(mine, Message.address.is_not(None)).distinct()
    return {(channel, address) for channel, address in await connection.execute(query) if address is not None}


async def in_flight(connection: AsyncConnection, owned: Owned) -> int:
    """How many of a customer's messages are between a hand-over and its answer."""
    mine = Message.customer_id.in_(list(owned["customer"]))
    query = select(func.count()).where(mine, Message.in_flight.is_(True))
    return (await connection.execute(query)).scalar_one()


async def contents(connection: AsyncConnection, owned: Owned) -> AsyncIterator[Row]:
    """What her messages were rendered from, each once."""
    mine = Message.customer_id.in_(list(owned["customer"]))
    hashes = select(Message.template_hash).where(mine, Message.template_hash.is_not(None))
    query = select(TemplateBody.hash, TemplateBody.body).where(TemplateBody.hash.in_(hashes))
    for row in (await connection.execute(query.order_by(TemplateBody.hash))).mappings():
        yield dict(row)


async def suppressed(connection: AsyncConnection, channel: str, digests: Collection[str]) -> list[Row]:
    """Rows of the suppression list by any of an address's digests."""
    columns = (Suppression.channel, Suppression.reason, Suppression.at, Suppression.actor)
    query = select(*columns).where(Suppression.channel == channel, Suppression.address_digest.in_(digests))
    return [dict(row) for row in (await connection.execute(query.order_by(Suppression.at))).mappings()]


async def forget_spelled(connection: AsyncConnection, addresses: Collection[str]) -> None:
    """Let the suppression list keep the digests alone of what is written like this, whatever key made them."""
    spelled = {address.strip().lower() for address in addresses}
    mine = func.lower(Suppression.address).in_(spelled)
    await connection.execute(update(Suppression).where(mine).values(address=None))
