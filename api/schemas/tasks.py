"""Tasks, and what people do with them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.parameters import NO_NUL
from journeyman.journeys.tasks.repository import State

Who = Annotated[
    str | None,
    Field(min_length=1, max_length=200, pattern=NO_NUL, description="Who does it; default: the key's role"),
]


class TaskFull(BaseModel):
    """One piece of work. `closed`: nobody waits for its answer any more, the run has gone on or is over."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: State
    title: str
    details: str | None
    team: str | None
    choices: list[str] = Field(description="What may be answered")
    customer: str
    journey: str
    version: int
    step: str
    run: str
    created_at: datetime
    due_at: datetime | None = Field(description="When it should be done")
    until: datetime = Field(description="When the run goes on without an answer")
    claimed_by: str | None
    claimed_at: datetime | None
    answer: str | None
    comment: str | None
    completed_by: str | None
    completed_at: datetime | None


class TaskClaimed(BaseModel):
    """Somebody is at it."""

    model_config = ConfigDict(extra="forbid")

    by: Who = None


class TaskCompleted(BaseModel):
    """What came of it."""

    model_config = ConfigDict(extra="forbid")

    answer: str = Field(max_length=64, pattern=NO_NUL, description="One of the task's choices")
    comment: str | None = Field(default=None, max_length=10_000, pattern=NO_NUL)
    by: Who = None
