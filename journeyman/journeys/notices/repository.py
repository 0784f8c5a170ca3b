"""Every query of notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.campaigns.tables import Campaign, CampaignOutcome
from journeyman.journeys.experiments.tables import Experiment
from journeyman.journeys.notices.tables import Notice, NoticeMark
from journeyman.journeys.tasks.tables import Task
from journeyman.kit.bulk import Row
from journeyman.kit.database import Base
from journeyman.kit.holdings import Holding

NOTICES = Holding("notices", Notice, ("at", "id"))
PENDING, SENT, FAILED = "pending", "sent", "failed"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice as it stands."""

    id: str
    target: str
    place: int
    kind: str
    line: str
    state: str
    at: datetime
    sent_at: datetime | None
    attempts: int
    failure: str | None


_KEPT: Sequence[Any] = (
    Notice.id,
    Notice.target,
    Notice.place,
    Notice.kind,
    Notice.line,
    Notice.state,
    Notice.at,
    Notice.sent_at,
    Notice.attempts,
    Notice.failure,
)


async def mark(connection: AsyncConnection, kind: str) -> datetime | None:
    """Up to when was looked for a kind; None where it never was."""
    return await connection.scalar(select(NoticeMark.at).where(NoticeMark.kind == kind))


async def move_mark(connection: AsyncConnection, kind: str, at: datetime) -> None:
    statement = _insert(connection, NoticeMark).values(kind=kind, at=at)
    await connection.execute(statement.on_conflict_do_update(index_elements=["kind"], set_={"at": at}))


async def note(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Keep notices; what a URL was told of before it is not told again."""
    if rows:
        await connection.execute(_insert(connection, Notice).on_conflict_do_nothing(), list(rows))


async def due(connection: AsyncConnection, target: str, now: datetime) -> list[Kept]:
    """Of a target, those that are to be sent now; the oldest first."""
    mine = (Notice.target == target, Notice.state == PENDING, Notice.next_at <= now)
    rows = await connection.execute(select(*_KEPT).where(*mine).order_by(Notice.at, Notice.id).limit(AT_ONCE))
    return [Kept(*row) for row in rows]


async def last_sent(connection: AsyncConnection, target: str, place: int, kind: str) -> datetime | None:
    """When a URL was told of a kind last."""
    mine = (Notice.target == target, Notice.place == place, Notice.kind == kind)
    return await connection.scalar(select(func.max(Notice.sent_at)).where(*mine))


async def settle(connection: AsyncConnection, ids: Sequence[str], values: Row) -> None:
    await connection.execute(update(Notice).where(Notice.id.in_(ids)).values(values))


async def forget(connection: AsyncConnection, before: datetime) -> None:
    """Drop what was settled long ago."""
    await connection.execute(delete(Notice).where(Notice.state != PENDING, Notice.at < before))


async def newest(connection: AsyncConnection, limit: int) -> list[Kept]:
    rows = await connection.execute(select(*_KEPT).order_by(Notice.at.desc(), Notice.id.desc()).limit(limit))
    return [Kept(*row) for row in rows]


async def troubled(connection: AsyncConnection) -> dict[str, str]:
    """Targets that are not reached, with what was the matter last."""
    query = select(Notice.target, func.max(Notice.failure)).where(Notice.failure.is_not(None), Notice.state != SENT)
    return {row[0]: row[1] or "" for row in await connection.execute(query.group_by(Notice.target))}


async def tasks_since(connection: AsyncConnection, since: datetime) -> list[Any]:
    """(id, journey, step, team, title, due, customer) of tasks that were made."""
    columns = (Task.id, Task.journey_key, Task.step, Task.team, Task.title, Task.due_at, Task.customer_id)
    query = select(*columns).where(Task.created_at > since).order_by(Task.created_at, Task.id).limit(AT_ONCE)
    return list(await connection.execute(query))


async def campaigns_since(connection: AsyncConnection, since: datetime) -> list[Any]:
    """(id, journey, state, offered, entered) of campaigns that have ended."""
    entered = (
        select(func.coalesce(func.sum(CampaignOutcome.count), 0))
        .where(CampaignOutcome.campaign_id == Campaign.id, CampaignOutcome.code == "entered")
        .scalar_subquery()
    )
    columns = (Campaign.id, Campaign.journey_key, Campaign.state, Campaign.offered, entered)
    query = select(*columns).where(Campaign.ended_at > since).order_by(Campaign.ended_at, Campaign.id).limit(AT_ONCE)
    return list(await connection.execute(query))


async def winners(connection: AsyncConnection) -> list[Any]:
    """(id, journey, step, winner) of experiments that have one."""
    columns = (Experiment.id, Experiment.journey_key, Experiment.step, Experiment.winner)
    query = select(*columns).where(Experiment.state == "decided", Experiment.winner.is_not(None))
    return list(await connection.execute(query))


def _insert(connection: AsyncConnection, entity: type[Base]) -> Any:  # noqa: ANN401 - either dialect's
    return (insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql)(entity)
