"""Asking who was erased, for many names at once: what keeps a late event from bringing somebody back (L3)."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.erasure import repository
from journeyman.customers.erasure.digests import Name, name_digest


class ErasedNames:
    """Which names are those of people who were erased; `key` is what keys the digests."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    async def __call__(self, connection: AsyncConnection, names: Collection[Name]) -> dict[Name, str]:
        """The names among these that are erased, each with the receipt's id.

        Where nobody was ever erased this is one short statement, and no digest is made. Ask once the customers are
        locked: an erasure that was requested before is then seen, and one that comes later waits.
        """
        if not names or not await repository.is_anybody_erased(connection):
            return {}
        digests = {name_digest(name, self.key): name for name in names}
        found = await repository.erased_digests(connection, digests.keys())
        return {digests[digest]: erasure_id for digest, erasure_id in found.items()}
