"""The published versions of a journey as people look at them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as runs
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.migration import repository
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.language.definition import Definition
from journeyman.language.differences import differences
from journeyman.language.validation import parse

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """A published version; `share` is the percent of customers who try it, where it is tried."""

    version: int
    hash: str
    published_at: datetime
    inside: int
    taken: bool
    share: int | None
    document: dict[str, Any] | None = None


class Versions:
    """Reads versions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def of(self, key: str) -> list[VersionSeen]:
        """Every version, the newest first. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await self._of(connection, key)

    async def one(self, key: str, version: int) -> VersionSeen:
        """With its document. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            found = next((one for one in await self._of(connection, key) if one.version == version), None)
            if found is None:
                raise NotFoundError(f"journey `{key}` has no version {version}")
            body = (await runs.definitions(connection, {found.hash}))[found.hash]
        return replace(found, document=body)

    async def _of(self, connection: AsyncConnection, key: str) -> list[VersionSeen]:
        journey = await documents.journey(connection, key)
        if journey is None:
            raise NotFoundError(f"there is no journey `{key}`")
        counts = await documents.inside(connection, key)
        inside = {int(version): sum(steps.values()) for version, steps in counts.items()}
        return [
            VersionSeen(
                version,
                digest,
                at,
                inside.get(version, 0),
                version == journey["version"],
                journey["trial_share"] if version == journey["trial_version"] else None,
            )
            for version, digest, at in await repository.versions(connection, key)
        ]

    async def differences(self, key: str, before: str, after: str) -> list[str]:
        """What is another in `after`, a version's number or `draft`, in words. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return differences(
                await self._definition(connection, key, before), await self._definition(connection, key, after)
            )

    async def _definition(self, connection: AsyncConnection, key: str, side: str) -> Definition:
        journey = await documents.journey(connection, key)
        if journey is None:
            raise NotFoundError(f"there is no journey `{key}`")
        if side == DRAFT:
            return parse(journey["draft"])
        digest = await repository.hash_of_version(connection, key, int(side))
        if digest is None:
            raise NotFoundError(f"journey `{key}` has no version {side}")
        return parse((await runs.definitions(connection, {digest}))[digest])
