"""What every page that looks inside begins with: whom it is about, and which documents it speaks of."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.insight import repository
from journeyman.insight.words import Version
from journeyman.journeys.published import Shelf
from journeyman.kit.errors import NotFoundError
from journeyman.language.definition import Definition


async def must_know(connection: AsyncConnection, customer: str) -> str:
    """The id of the customer whom any of her ids names. Raises `NotFoundError`."""
    found = await customers.resolve(connection, customer)
    if found is None:
        raise NotFoundError(f"there is no customer `{customer}`")
    return found


async def definitions_of(
    connection: AsyncConnection, shelf: Shelf, versions: Collection[Version]
) -> dict[Version, Definition]:
    """The documents of these versions."""
    hashes = await repository.hashes(connection, versions) if versions else {}
    found = await shelf.definitions(connection, set(hashes.values()))
    return {version: found[digest] for version, digest in hashes.items()}
