"""Work that journeys give to people."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import Cursor, Limit, Name
from api.schemas.pages import PageOf
from api.schemas.tasks import TaskClaimed, TaskCompleted, TaskFull
from api.use_cases import TasksNow
from journeyman.journeys.tasks.repository import State, Task, Wanted
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1/tasks", tags=["tasks"], responses=problems(401, 403, 404, 422))
TaskId = Annotated[str, Path(max_length=64, pattern=r"^task_[a-z0-9_]+$", description="The task's id")]
InState = Annotated[State | None, Query(description="Only those in this state")]


@router.get("", response_model=PageOf[TaskFull], dependencies=[READS])
async def list_tasks(
    tasks: TasksNow,
    state: InState = None,
    team: Name = None,
    journey: Name = None,
    customer: Name = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Task]:
    """Tasks, the oldest first; of a state, a team, a journey or a customer's id alone where these are given."""
    return await tasks.page(Wanted(state, team, journey, customer), cursor, limit)


@router.get("/{task_id}", response_model=TaskFull, dependencies=[READS])
async def read_task(task_id: TaskId, tasks: TasksNow) -> Task:
    """One task."""
    return await tasks.get(task_id)


@router.post("/{task_id}/claim", response_model=TaskFull, responses=problems(409), dependencies=[OPERATES])
async def claim_task(task_id: TaskId, claimed: TaskClaimed, tasks: TasksNow, request: Request) -> Task:
    """Let others see that somebody is at it."""
    return await tasks.claim(task_id, claimed.by or caller(request))


@router.post("/{task_id}/complete", response_model=TaskFull, responses=problems(409), dependencies=[OPERATES])
async def complete_task(task_id: TaskId, completed: TaskCompleted, tasks: TasksNow, request: Request) -> Task:
    """Answer with one of the task's choices; the customer's run goes on at once."""
    return await tasks.complete(task_id, completed.answer, completed.comment, completed.by or caller(request))
