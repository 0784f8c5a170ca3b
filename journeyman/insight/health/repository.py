"""Queries on how the product itself is doing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.tables import Run as RunRow

RUN = RunRow.__table__.c


async def schema_version(connection: AsyncConnection) -> str | None:
    """The migration that the database has come to."""
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()


async def journal_mode(connection: AsyncConnection) -> str:
    """How SQLite writes (https://sqlite.org/pragma.html#pragma_journal_mode)."""
    return str((await connection.execute(text("PRAGMA journal_mode"))).scalar_one())


async def standing_still(connection: AsyncConnection, before: datetime, limit: int) -> list[str]:
    """Live runs that stand at a step without a timer since before an instant."""
    still = and_(RUN.state == "live", RUN.until.is_(None), RUN.arrived_at < before)
    return list((await connection.execute(select(RUN.id).where(still).order_by(RUN.arrived_at).limit(limit))).scalars())


async def newest_of_workflows(
    connection: AsyncConnection, workflow_ids: Sequence[str]
) -> dict[str, tuple[str, datetime | None]]:
    """(state, ended at) of the newest run of each workflow."""
    query = select(RUN.workflow_id, RUN.state, RUN.ended_at).where(RUN.workflow_id.in_(workflow_ids))
    rows = await connection.execute(query.order_by(RUN.entered_at, RUN.id))
    return {workflow_id: (state, ended_at) for workflow_id, state, ended_at in rows}


async def is_live(connection: AsyncConnection, run_id: str) -> bool:
    return (await connection.execute(select(RUN.state).where(RUN.id == run_id))).scalar_one_or_none() == "live"
