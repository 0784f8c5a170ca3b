"""Tasks as people work on them: seen, claimed, completed with an answer that leads the run on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.journeys import repository as runs
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.positions import signal_of
from journeyman.journeys.tasks import repository
from journeyman.journeys.tasks.repository import Task, Wanted
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.kit.wake import Wake

ANSWERED = "Task Completed"
"""What a run's workflow is told."""


class Tasks:
    """Every change is made under the customer's lock, as the run may be moved by it."""

    def __init__(self, database: Database, wake: Wake, clock: Clock) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock

    async def page(self, wanted: Wanted, cursor: str | None, limit: int) -> Page[Task]:
        """The oldest first. Raises `InvalidError` for a cursor that is none."""
        after = read_cursor(cursor, datetime, str)
        place = (after[0], after[1]) if after is not None else None
        async with self.database.reading() as connection:
            found = await repository.listed(connection, wanted, place, limit + 1)
        return page_of(found, limit, lambda task: (task.created_at, task.id))

    async def get(self, task_id: str) -> Task:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await _found(connection, task_id)

    async def claim(self, task_id: str, by: str) -> Task:
        """Let others see that somebody is at it. Raises `NotFoundError`, and `ConflictError` where another one is."""

        def claimed(task: Task, now: datetime) -> dict[str, Any]:
            if task.claimed_by not in {None, by}:
                raise ConflictError(f"task `{task.id}` is claimed by {task.claimed_by}")
            return {"claimed_by": by, "claimed_at": task.claimed_at or now}

        async with self.database.transaction() as connection:
            return await self._change(connection, task_id, claimed)

    async def complete(self, task_id: str, answer: str, comment: str | None, by: str) -> Task:
        """Answer a task; its run goes on at once. Whoever has claimed it, anybody may answer.

        Raises `NotFoundError`, `InvalidError` for an answer that is no choice, and `ConflictError` where nobody waits
        for an answer any more.
        """

        def completed(task: Task, now: datetime) -> dict[str, Any]:
            if answer not in task.choices:
                mend = f"answer with one of: {', '.join(task.choices)}"
                raise InvalidError("that is no answer", [Fault("/answer", f"`{answer}` is none of the choices", mend)])
            return {"answer": answer, "comment": comment, "completed_by": by, "completed_at": now}

        async with self.database.transaction() as connection:
            task = await self._change(connection, task_id, completed)
            await self._release(connection, task)
        self.wake.notify()
        return task

    async def _change(
        self, connection: AsyncConnection, task_id: str, change: Callable[[Task, datetime], dict[str, Any]]
    ) -> Task:
        seen = await _found(connection, task_id)
        await customers.lock_profiles(connection, [seen.customer])
        task = await _found(connection, task_id)
        if task.state not in {"open", "claimed"}:
            raise ConflictError(f"task `{task.id}` is {task.state}")
        await repository.change(connection, task_id, change(task, self.clock.now()))
        return await _found(connection, task_id)

    async def _release(self, connection: AsyncConnection, task: Task) -> None:
        run = await runs.lock_run(connection, task.run)
        if run is None:
            raise AssertionError(f"task {task.id} was open without its run")
        told = {"answer": task.answer, "by": task.completed_by, "comment": task.comment}
        run.released = {name: value for name, value in told.items() if value is not None}
        run.is_changed = True
        await runs.save_runs(connection, [run])
        now = self.clock.now()
        command = EngineCommand("signal", run.id, run.workflow_id, signal_of(run, ANSWERED, now))
        await runs.tell(connection, [command], now)


async def _found(connection: AsyncConnection, task_id: str) -> Task:
    found = await repository.find(connection, task_id)
    if found is None:
        raise NotFoundError(f"there is no task `{task_id}`")
    return found
