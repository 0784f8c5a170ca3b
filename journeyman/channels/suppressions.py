"""Addresses that are not written to again: a hard bounce, a complaint, a wish.

They are known by a keyed digest, so that the list outlives an erasure (L3) and says nothing to who reads it: without
a key an address could be guessed, and the digest of the guess compared. An address may stand beside its digest in the
clear for as long as its person is not erased.
"""

import contextlib
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository
from journeyman.channels.addresses import normalise_address
from journeyman.channels.repository import SuppressionRow

UNKEYED = b""
"""No key: the plain SHA-256, as rows of before have it. Every look-up finds those as well."""
PRODUCT = "journeyman"
"""Who suppresses an address that a provider refuses for good."""

_NUMBERS = frozenset({"sms", "whatsapp", "voice"})
_PUNCTUATION = re.compile(r"[\s().\-/]")


def digest_key(secret: str) -> bytes:
    """The key of digests that a workspace's secret gives, apart from everything else that the secret signs."""
    return hmac.digest(secret.encode(), b"journeyman:suppressions", hashlib.sha256)


def normalised(channel: str, address: str) -> str:
    """The one spelling of an address on a channel; what is no e-mail address counts as it is written."""
    if channel in _NUMBERS:
        return _PUNCTUATION.sub("", address)
    if channel == "email":
        with contextlib.suppress(ValueError):
            return normalise_address(address)
    return address.strip().casefold()


def address_digest(channel: str, address: str, key: bytes = UNKEYED) -> str:
    """HMAC-SHA256 of channel and normalised address, in hexadecimal; without a key the SHA-256 of the address."""
    return _digest(channel, normalised(channel, address), key)


def _digest(channel: str, spelled: str, key: bytes) -> str:
    if key == UNKEYED:
        return hashlib.sha256(spelled.encode()).hexdigest()
    return hmac.digest(key, channel.encode() + b"\0" + spelled.encode(), hashlib.sha256).hex()


async def suppress(
    connection: AsyncConnection,
    channel: str,
    address: str,
    reason: str,
    now: datetime,
    *,
    key: bytes = UNKEYED,
    actor: str = PRODUCT,
    readable: bool = False,
) -> bool:
    """Never write to `address` on `channel` again; False where it was on the list, whose first reason stays.

    Only with `readable` the address is kept in the clear beside its digest; without, one that stands there goes (L3).
    """
    added = await suppress_all(connection, channel, [address], reason, now, key=key, actor=actor, readable=readable)
    if not readable:
        await repository.forget_address(connection, channel, digests(channel, address, key))
    return added == 1


async def suppress_all(
    connection: AsyncConnection,
    channel: str,
    addresses: Sequence[str],
    reason: str,
    now: datetime,
    *,
    key: bytes,
    actor: str,
    readable: bool = True,
) -> int:
    """As `suppress`, for a list; returns how many were not on it before."""
    wanted: dict[tuple[str, ...], str] = {}
    for address in addresses:
        wanted.setdefault(digests(channel, address, key), address)
    known = await repository.known_digests(connection, channel, {digest for both in wanted for digest in both})
    rows = [
        SuppressionRow(channel, both[0], reason, now, address.strip() if readable else None, actor)
        for both, address in wanted.items()
        if known.isdisjoint(both)
    ]
    await repository.add_suppressions(connection, rows)
    return len(rows)


async def suppression_reason(
    connection: AsyncConnection, channel: str, address: str, key: bytes = UNKEYED
) -> str | None:
    """Why `address` is not written to, or nothing where it may be."""
    row = await find(connection, channel, address, key)
    return row.reason if row is not None else None


async def find(connection: AsyncConnection, channel: str, address: str, key: bytes) -> SuppressionRow | None:
    return await repository.find_suppression(connection, channel, digests(channel, address, key))


async def release(connection: AsyncConnection, channel: str, address: str, key: bytes) -> bool:
    """Let `address` be written to again; False where it was not on the list."""
    return await repository.drop_suppression(connection, channel, digests(channel, address, key))


def digests(channel: str, address: str, key: bytes) -> tuple[str, ...]:
    """Under which an address may be on the list: the digest of now, then the one of before there was a key."""
    return digests_of(channel, normalised(channel, address), key)


def digests_of(channel: str, spelled: str, key: bytes) -> tuple[str, ...]:
    """As `digests`, of an address that is normalised already: to do it again takes longer than the digests."""
    plain = _digest(channel, spelled, UNKEYED)
    return (plain,) if key == UNKEYED else (_digest(channel, spelled, key), plain)
