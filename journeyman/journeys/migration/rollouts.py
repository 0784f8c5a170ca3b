"""A version that a share of the customers tries: made larger, or taken back (V2)."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as runs
from journeyman.journeys.campaigns import scheduling
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.documents.repository import EVERYBODY
from journeyman.journeys.experiments.publishing import follow_publication
from journeyman.journeys.migration import repository, starting
from journeyman.journeys.migration.progress import Progress, progress
from journeyman.journeys.migration.repository import Inside, Migration
from journeyman.journeys.segmentation.listeners import listen
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.wake import Wake
from journeyman.language.definition import Definition
from journeyman.language.validation import parse


@dataclass(frozen=True, slots=True)
class Standing:
    """What newcomers of a journey take."""

    state: str
    version: int
    trial: int | None
    share: int | None


class Rollouts:
    """Every change is made under the journey's lock."""

    def __init__(self, database: Database, wake: Wake, clock: Clock, workspace_zone: str = "UTC") -> None:
        self.database = database
        self.wake = wake
        self.clock = clock
        self.workspace_zone = workspace_zone

    async def migrations(self, key: str) -> list[Progress]:
        """What was done to those inside, the newest first. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            if await documents.journey(connection, key) is None:
                raise NotFoundError(f"there is no journey `{key}`")
            return [await progress(connection, one) for one in await repository.of_journey(connection, key)]

    async def migration(self, key: str, migration_id: str) -> Progress:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await progress(connection, await _found(connection, key, migration_id))

    async def cancel(self, key: str, migration_id: str) -> Progress:
        """Take nobody else; who was taken stays where that led. Raises `NotFoundError`."""
        async with self.database.transaction() as connection:
            migration = await _found(connection, key, migration_id, lock=True)
            if migration.state == "under_way":
                migration.state, migration.ended_at = "cancelled", self.clock.now()
                await repository.save(connection, migration)
            return await progress(connection, migration)

    async def widen(self, key: str, share: int) -> Progress:
        """Let more customers take the version that is tried: those inside as it was published, and newcomers.

        Raises `NotFoundError`, `ConflictError` where nothing is tried, and `InvalidError` for a share that is smaller.
        """
        async with self.database.transaction() as connection:
            standing = await _standing(connection, key)
            if standing.trial is None or standing.share is None:
                raise ConflictError(f"no version of journey `{key}` is tried by a share of its customers")
            _refuse_smaller(standing.share, share)
            publication = await repository.publication_of(connection, key, standing.trial)
            if publication is None:
                raise AssertionError(f"version {standing.trial} of {key} was never published")
            await self._widen(connection, key, publication, standing, share)
            found = await progress(connection, publication)
        self.wake.notify()
        return found

    async def _widen(
        self, connection: AsyncConnection, key: str, publication: Migration, standing: Standing, share: int
    ) -> None:
        now, trial = self.clock.now(), publication.version
        if share >= EVERYBODY:
            await repository.set_versions(connection, key, trial)
        else:
            await repository.set_versions(connection, key, standing.version, trial, share)
        publication.share = share
        if publication.inside != "stay" and share != standing.share:
            publication.state, publication.ended_at = "under_way", None
            publication.after, publication.has_moved = None, False
            await starting.go_through(connection, publication, now)
        await repository.save(connection, publication)
        if share >= EVERYBODY:
            await self._follow(connection, key, publication.hash)

    async def roll_back(self, key: str, by: str) -> Progress:
        """Newcomers take the version before, and whoever was moved goes back; once for each publication.

        Raises `NotFoundError`, and `ConflictError` where there is nothing to go back to, or that was done already.
        """
        async with self.database.transaction() as connection:
            standing = await _standing(connection, key)
            version = standing.trial or standing.version
            publication = await repository.publication_of(connection, key, version)
            if publication is None or publication.former is None:
                raise ConflictError(f"before version {version} of journey `{key}` there was none")
            if await repository.was_rolled_back(connection, publication.id):
                raise ConflictError(f"version {version} of journey `{key}` was rolled back already")
            migration = await self._roll_back(connection, key, publication, publication.former, by)
            found = await progress(connection, migration)
        self.wake.notify()
        return found

    async def _roll_back(
        self, connection: AsyncConnection, key: str, publication: Migration, former: int, by: str
    ) -> Migration:
        digest = await repository.hash_of_version(connection, key, former)
        if digest is None:
            raise AssertionError(f"there is no version {former} of {key}")
        inside: Inside = "stay" if publication.inside == "stay" else "back"
        migration = starting.new(key, "rollback", inside, self.clock.now(), by, version=former, digest=digest)
        migration.of, migration.map = publication.id, publication.map
        await starting.begin(connection, migration)
        await repository.set_versions(connection, key, former)
        await self._follow(connection, key, digest)
        return migration

    async def _follow(self, connection: AsyncConnection, key: str, digest: str) -> None:
        """Have what depends on the version that newcomers take follow it."""
        now = self.clock.now()
        await listen(connection)
        await follow_publication(connection, await _definition(connection, digest), now)
        await scheduling.follow(connection, key, self.workspace_zone, now)


async def _definition(connection: AsyncConnection, digest: str) -> Definition:
    return parse((await runs.definitions(connection, {digest}))[digest])


def _refuse_smaller(before: int, share: int) -> None:
    if not before <= share <= EVERYBODY:
        mend = f"write a number from {before} to {EVERYBODY}; to go back, roll back"
        fault = Fault("/share", f"{before} percent have the version already", mend)
        raise InvalidError("a share only grows", [fault])


async def _standing(connection: AsyncConnection, key: str) -> Standing:
    found = await repository.lock_journey(connection, key)
    if found is None:
        raise NotFoundError(f"there is no journey `{key}`")
    state, version, trial, share = found
    if version is None:
        raise ConflictError(f"journey `{key}` was never published")
    return Standing(state, version, trial, share)


async def _found(connection: AsyncConnection, key: str, migration_id: str, *, lock: bool = False) -> Migration:
    migration = await repository.find(connection, migration_id, lock=lock)
    if migration is None or migration.journey_key != key:
        raise NotFoundError(f"journey `{key}` has no migration `{migration_id}`")
    return migration
