"""Every query of migrations, and of the runs that they go through."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.migration.tables import MigratedRun, RunMigration
from journeyman.journeys.tables import Journey, JourneyVersion
from journeyman.journeys.tables import Run as RunRow
from journeyman.kit.bulk import Row, insert_many

Kind = Literal["publish", "rollback", "resume", "stop"]
Inside = Literal["stay", "next_step", "now", "exit", "back", "wake"]
Outcome = Literal["moved", "heading", "exited", "stayed", "woken"]
State = Literal["under_way", "done", "cancelled"]
Place = tuple[str, str]
"""A live run of a journey, by customer and correlation key."""


@dataclass(slots=True)
class Migration:
    """A row of `run_migrations`."""

    id: str
    journey_key: str
    kind: Kind
    inside: Inside
    state: State
    version: int
    former: int | None
    hash: str
    began_at: datetime
    requested_by: str
    map: dict[str, str] = field(default_factory=dict)
    share: int = 100
    of: str | None = None
    spread_seconds: float = 0.0
    after: list[str] | None = None
    has_moved: bool = False
    population: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """Where a run stood before a migration took it."""

    outcome: Outcome
    version: int
    hash: str
    step: str
    visit: int
    arrived_at: datetime


NAMES = tuple(one.name for one in fields(Migration))
MIGRATION = select(*(getattr(RunMigration, name) for name in NAMES))
NEWEST = (RunMigration.began_at.desc(), RunMigration.id.desc())
LIVE = RunRow.state == "live"


async def add(connection: AsyncConnection, migration: Migration) -> None:
    await insert_many(connection, RunMigration, [{name: getattr(migration, name) for name in NAMES}])


async def save(connection: AsyncConnection, migration: Migration) -> None:
    changed = {name: getattr(migration, name) for name in NAMES if name != "id"}
    await connection.execute(update(RunMigration).where(RunMigration.id == migration.id).values(changed))


async def find(connection: AsyncConnection, migration_id: str, *, lock: bool = False) -> Migration | None:
    query = MIGRATION.where(RunMigration.id == migration_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return Migration(**row) if row is not None else None


async def of_journey(connection: AsyncConnection, key: str, limit: int = 50) -> list[Migration]:
    """The newest first."""
    query = MIGRATION.where(RunMigration.journey_key == key).order_by(*NEWEST).limit(limit)
    return [Migration(**row) for row in (await connection.execute(query)).mappings()]


async def publication_of(connection: AsyncConnection, key: str, version: int) -> Migration | None:
    """The newest publication that made this version the one that newcomers, or a share of them, take."""
    made = (RunMigration.journey_key == key, RunMigration.kind == "publish", RunMigration.version == version)
    row = (await connection.execute(MIGRATION.where(*made).order_by(*NEWEST).limit(1))).mappings().one_or_none()
    return Migration(**row) if row is not None else None


async def was_rolled_back(connection: AsyncConnection, migration_id: str) -> bool:
    query = select(RunMigration.id).where(RunMigration.of == migration_id)
    return (await connection.execute(query.limit(1))).first() is not None


async def cancel_open(connection: AsyncConnection, key: str, inside: Collection[Inside], at: datetime) -> None:
    """End what is under way in a journey and does one of these: something newer takes its place."""
    open_ = (RunMigration.journey_key == key, RunMigration.state == "under_way", RunMigration.inside.in_(inside))
    await connection.execute(update(RunMigration).where(*open_).values(state="cancelled", ended_at=at))


async def live_runs(connection: AsyncConnection, key: str) -> int:
    query = select(func.count()).where(RunRow.journey_key == key, LIVE)
    return (await connection.execute(query)).scalar_one()


async def live_page(
    connection: AsyncConnection, key: str, after: Place | None, limit: int
) -> list[tuple[str, str, str, int, str | None]]:
    """Live runs by customer and correlation key, as (customer, correlation, id, version, step)."""
    query = (
        select(RunRow.customer_id, RunRow.correlation, RunRow.id, RunRow.version, RunRow.step)
        .where(RunRow.journey_key == key, LIVE)
        .order_by(RunRow.customer_id, RunRow.correlation)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(RunRow.customer_id, RunRow.correlation) > tuple_(*after))
    return [tuple(row) for row in (await connection.execute(query))]  # type: ignore[misc]  # five columns


async def moved_page(connection: AsyncConnection, migration_id: str, after: str, limit: int) -> list[tuple[str, str]]:
    """The live runs that a migration took, by id, as (customer, id)."""
    query = (
        select(RunRow.customer_id, RunRow.id)
        .join(MigratedRun, MigratedRun.run_id == RunRow.id)
        .where(MigratedRun.migration_id == migration_id, MigratedRun.run_id > after, LIVE)
        .where(MigratedRun.outcome.in_(("moved", "heading")))
        .order_by(MigratedRun.run_id)
        .limit(limit)
    )
    return [tuple(row) for row in (await connection.execute(query))]  # type: ignore[misc]  # two columns


async def formers(connection: AsyncConnection, migration_id: str, run_ids: Collection[str]) -> dict[str, Former]:
    """What a migration has made of these runs, as far as it has taken them."""
    columns = [getattr(MigratedRun, one.name) for one in fields(Former)]
    query = select(MigratedRun.run_id, *columns).where(
        MigratedRun.migration_id == migration_id, MigratedRun.run_id.in_(list(run_ids))
    )
    return {run_id: Former(*rest) for run_id, *rest in await connection.execute(query)}


async def note_all(connection: AsyncConnection, migration_id: str, rows: Mapping[str, Former]) -> None:
    """Write what was made of these runs."""
    made: list[Row] = [
        {"migration_id": migration_id, "run_id": run_id}
        | {one.name: getattr(former, one.name) for one in fields(Former)}
        for run_id, former in rows.items()
    ]
    await insert_many(connection, MigratedRun, made, ignore_conflicts=True)


async def note(connection: AsyncConnection, migration_id: str, run_id: str, outcome: Outcome) -> None:
    """A run that was heading for the version has come to something."""
    mine = (MigratedRun.migration_id == migration_id, MigratedRun.run_id == run_id)
    await connection.execute(update(MigratedRun).where(*mine).values(outcome=outcome))


async def outcomes(connection: AsyncConnection, migration_id: str) -> list[tuple[int, str, str, int]]:
    """How many runs came to what, as (version, step, outcome, runs)."""
    what = (MigratedRun.version, MigratedRun.step, MigratedRun.outcome)
    query = select(*what, func.count()).where(MigratedRun.migration_id == migration_id).group_by(*what).order_by(*what)
    return [tuple(row) for row in (await connection.execute(query))]  # type: ignore[misc]  # four columns


async def versions(connection: AsyncConnection, key: str) -> list[tuple[int, str, datetime]]:
    """Every version of a journey, the newest first, as (version, hash, published at)."""
    query = select(JourneyVersion.version, JourneyVersion.hash, JourneyVersion.published_at)
    query = query.where(JourneyVersion.journey_key == key).order_by(JourneyVersion.version.desc())
    return [tuple(row) for row in (await connection.execute(query))]  # type: ignore[misc]  # three columns


async def hash_of_version(connection: AsyncConnection, key: str, version: int) -> str | None:
    query = select(JourneyVersion.hash).where(
        and_(JourneyVersion.journey_key == key, JourneyVersion.version == version)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def lock_journey(connection: AsyncConnection, key: str) -> tuple[str, int | None, int | None, int | None] | None:
    """(state, version, trial version, trial share), so that two do not change it at once."""
    query = select(Journey.state, Journey.version, Journey.trial_version, Journey.trial_share)
    row = (await connection.execute(query.where(Journey.key == key).with_for_update())).one_or_none()
    return (row[0], row[1], row[2], row[3]) if row is not None else None


async def set_versions(
    connection: AsyncConnection, key: str, version: int, trial: int | None = None, share: int | None = None
) -> None:
    """What newcomers take, and what a share of them does."""
    values = {"version": version, "trial_version": trial, "trial_share": share}
    await connection.execute(update(Journey).where(Journey.key == key).values(values))
