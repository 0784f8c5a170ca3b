"""Every query of journeys as documents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.tables import Definition as DefinitionRow
from journeyman.journeys.tables import Journey, JourneyVersion, Run
from journeyman.kit.bulk import insert_many
from journeyman.language.definition import Definition

COLUMNS = (
    *(Journey.key, Journey.name, Journey.state, Journey.draft, Journey.version, Journey.updated_at),
    *(Journey.trial_version, Journey.trial_share),
)
JOURNEYS = select(*COLUMNS, JourneyVersion.hash).outerjoin(
    JourneyVersion, and_(JourneyVersion.journey_key == Journey.key, JourneyVersion.version == Journey.version)
)


EVERYBODY = 100
"""The share, in percent, with which a version is for all."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version number and the document that it stands for."""

    version: int
    hash: str
    published_at: datetime


async def save_draft(connection: AsyncConnection, definition: Definition, at: datetime) -> None:
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    draft = {
        "name": definition.name or definition.journey,
        "draft": definition.to_document(),
        "updated_at": at,
    }
    statement = insert(Journey).values(key=definition.journey, state="draft", version=None, **draft)
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=draft))


async def journey(connection: AsyncConnection, key: str) -> dict[str, Any] | None:
    row = (await connection.execute(JOURNEYS.where(Journey.key == key))).mappings().one_or_none()
    return dict(row) if row is not None else None


async def journeys(connection: AsyncConnection, after: str, limit: int) -> list[dict[str, Any]]:
    """Journeys in the order of their keys, those after `after`."""
    query = JOURNEYS.where(Journey.key > after).order_by(Journey.key).limit(limit)
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def newest_version(connection: AsyncConnection, key: str) -> Version | None:
    query = select(JourneyVersion.version, JourneyVersion.hash, JourneyVersion.published_at)
    query = query.where(JourneyVersion.journey_key == key).order_by(JourneyVersion.version.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return Version(*row) if row is not None else None


async def inside(connection: AsyncConnection, key: str) -> dict[str, dict[str, int]]:
    """How many live runs stand at each step, by version."""
    query = (
        select(Run.version, Run.step, func.count())
        .where(Run.journey_key == key, Run.state == "live")
        .group_by(Run.version, Run.step)
        .order_by(Run.version, Run.step)
    )
    found: dict[str, dict[str, int]] = {}
    for version, step, count in await connection.execute(query):
        found.setdefault(str(version), {})[step or ""] = count
    return found


async def publish(
    connection: AsyncConnection,
    key: str,
    version: int,
    digest: str,
    body: dict[str, Any],
    at: datetime,
    *,
    is_new: bool,
    share: int = EVERYBODY,
) -> None:
    """Make a version, if it is new, and let newcomers take it, or a share of them. What is paused stays so."""
    if is_new:
        await insert_many(connection, DefinitionRow, [{"hash": digest, "body": body}], ignore_conflicts=True)
        row = {"journey_key": key, "version": version, "hash": digest, "published_at": at}
        await insert_many(connection, JourneyVersion, [row])
    paused = case((Journey.state == "paused", "paused"), else_="live")
    taken = {"trial_version": None, "trial_share": None, "version": version}
    if share < EVERYBODY:
        taken = {"trial_version": version, "trial_share": share}
    await connection.execute(update(Journey).where(Journey.key == key).values(**taken, state=paused))


async def set_state(connection: AsyncConnection, key: str, state: str, at: datetime) -> None:
    await connection.execute(update(Journey).where(Journey.key == key).values(state=state, updated_at=at))


async def starter(connection: AsyncConnection, key: str, version: int) -> str | None:
    """What a published version starts on."""
    query = (
        select(DefinitionRow.body["entry"]["on"].as_string())
        .join(JourneyVersion, JourneyVersion.hash == DefinitionRow.hash)
        .where(JourneyVersion.journey_key == key, JourneyVersion.version == version)
    )
    return (await connection.execute(query)).scalar_one_or_none()
