"""Every query of tasks. A task is open while its run is live and waits at the task's step and visit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, tuple_, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.tables import Run
from journeyman.journeys.tasks.tables import Task as TaskRow
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.holdings import Holding

State = Literal["open", "claimed", "done", "closed"]

TASKS = Holding("tasks", TaskRow, ("created_at", "id"))

_WAITS = and_(Run.state == "live", Run.step == TaskRow.step, Run.visit == TaskRow.visit, Run.released.is_(None))
_STATE: ColumnElement[str] = case(
    (TaskRow.completed_at.is_not(None), "done"),
    (or_(Run.id.is_(None), ~_WAITS), "closed"),
    (TaskRow.claimed_by.is_not(None), "claimed"),
    else_="open",
)
_TASKS = select(TaskRow.__table__, _STATE.label("state")).outerjoin(Run, Run.id == TaskRow.run_id)


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work. `closed`: nobody's answer is waited for any more, the run has gone on or is over."""

    id: str
    run: str
    step: str
    journey: str
    version: int
    customer: str
    team: str | None
    title: str
    details: str | None
    choices: list[str]
    state: State
    created_at: datetime
    due_at: datetime | None
    until: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    answer: str | None
    comment: str | None
    completed_by: str | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks: of a state, a team, a journey or a customer alone where these are given."""

    state: State | None = None
    team: str | None = None
    journey: str | None = None
    customer: str | None = None


def _task(row: RowMapping) -> Task:
    named = {"run": row["run_id"], "journey": row["journey_key"], "customer": row["customer_id"]}
    others = {name: row[name] for name in Task.__slots__ if name not in named}
    return Task(**named, **others)


async def add(connection: AsyncConnection, row: Row) -> None:
    """A task that is there already stays as it is: the step is being taken a second time."""
    nobody = dict.fromkeys(("claimed_by", "claimed_at", "answer", "comment", "completed_by", "completed_at"))
    await insert_many(connection, TaskRow, [{**row, **nobody}], ignore_conflicts=True)


async def find(connection: AsyncConnection, task_id: str) -> Task | None:
    row = (await connection.execute(_TASKS.where(TaskRow.id == task_id))).mappings().one_or_none()
    return _task(row) if row is not None else None


async def listed(
    connection: AsyncConnection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int
) -> list[Task]:
    """The oldest first."""
    query: Select[Any] = _TASKS.order_by(TaskRow.created_at, TaskRow.id).limit(limit)
    columns = {"team": TaskRow.team, "journey": TaskRow.journey_key, "customer": TaskRow.customer_id}
    for name, column in columns.items():
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(column == value)
    if wanted.state is not None:
        query = query.where(_STATE.in_([wanted.state]))
    if after is not None:
        query = query.where(tuple_(TaskRow.created_at, TaskRow.id) > tuple_(*after))
    return [_task(row) for row in (await connection.execute(query)).mappings()]


async def change(connection: AsyncConnection, task_id: str, values: Row) -> None:
    await connection.execute(update(TaskRow).where(TaskRow.id == task_id).values(values))


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    moved = update(TaskRow).where(TaskRow.customer_id == loser).values(customer_id=survivor)
    await connection.execute(moved)
