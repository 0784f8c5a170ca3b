"""Addresses that are not written to again: a hard bounce, a complaint, a wish.

Only their SHA-256 is kept, so that the list outlives an erasure (L3) and says nothing to who reads it.
"""

import contextlib
import hashlib
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository
from journeyman.channels.addresses import normalise_address


def address_digest(channel: str, address: str) -> str:
    """SHA-256 of the normalised address, in hexadecimal; what is no e-mail address counts as it is written."""
    normalised = address.strip().casefold()
    if channel == "email":
        with contextlib.suppress(ValueError):
            normalised = normalise_address(address)
    return hashlib.sha256(normalised.encode()).hexdigest()


async def suppress(connection: AsyncConnection, channel: str, address: str, reason: str, now: datetime) -> None:
    """Never write to `address` on `channel` again. The first reason stays."""
    await repository.add_suppression(connection, channel, address_digest(channel, address), reason, now)


async def suppression_reason(connection: AsyncConnection, channel: str, address: str) -> str | None:
    """Why `address` is not written to, or nothing where it may be."""
    return await repository.find_suppression(connection, channel, address_digest(channel, address))
