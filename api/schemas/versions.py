"""Versions of journeys: what they differ in, what became of those inside, and shares that go first."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.language.durations import Duration

Percent = Annotated[int, Field(ge=1, le=100, strict=True)]


class VersionItem(BaseModel):
    """A published version."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    hash: str = Field(description="SHA-256 of the document")
    published_at: datetime
    inside: int = Field(description="Live runs that are on it")
    taken: bool = Field(description="Whether newcomers take it")
    share: int | None = Field(description="The percent of customers who try it, where it is tried")


class VersionFull(VersionItem):
    """A published version with its document."""

    document: dict[str, Any]


class Versions(BaseModel):
    """Every version, the newest first."""

    items: list[VersionItem]


class Difference(BaseModel):
    """What is another in one version than in another, a sentence each."""

    from_: str = Field(serialization_alias="from")
    to: str
    changes: list[str]


class RolloutRequest(BaseModel):
    """How many percent of the customers are to have the version that is tried."""

    model_config = ConfigDict(extra="forbid")

    share: Percent


class Came(BaseModel):
    """Runs that stood at a step of a version, and what became of them."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    step: str
    outcome: Literal["moved", "heading", "exited", "stayed", "woken"] = Field(
        description="`heading`: takes the version when it leaves its step"
    )
    runs: int


class MigrationFull(BaseModel):
    """What was done to all who were inside, and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    journey: str
    kind: Literal["publish", "rollback", "resume", "stop"]
    inside: Literal["stay", "next_step", "now", "exit", "back", "wake"]
    state: Literal["under_way", "done", "cancelled"]
    version: int = Field(description="The version that runs are to be on")
    former: int | None = Field(description="What newcomers took before")
    share: int
    map: dict[str, str]
    population: int = Field(description="Live runs when it began")
    taken: int = Field(description="Runs that were looked at")
    steps: list[Came]
    began_at: datetime
    ended_at: datetime | None
    requested_by: str


class Migrations(BaseModel):
    """The newest first."""

    items: list[MigrationFull]


class ResumeRequest(BaseModel):
    """How a journey goes on."""

    model_config = ConfigDict(extra="forbid")

    spread: Duration | None = Field(
        default=None, description="What is due goes on within this time; by default so that 50 a second do"
    )


class StopRequest(BaseModel):
    """What stopping means to those who are inside."""

    model_config = ConfigDict(extra="forbid")

    inside: Literal["finish", "exit"] = Field(
        default="finish", description="`finish`: they go on to their end; `exit`: they leave now, as `stopped`"
    )


class MoveRequest(BaseModel):
    """Where a run is to go."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$", description="A step of its version")]
