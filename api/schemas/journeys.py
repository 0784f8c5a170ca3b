"""Journeys as documents: drafts, versions, and calls to enter."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.lint import FindingItem

JOURNEY = {
    "type": "object",
    "title": "JourneyDocument",
    "description": "A journey: see the component `Journey`, or `GET /schemas/journey.json`",
    "required": ["journey", "entry", "steps"],
    "properties": {
        "journey": {"type": "string"},
        "entry": {"type": "object"},
        "steps": {"type": "array", "items": {"type": "object"}, "minItems": 1},
    },
}
"""A journey's document in outline: programs that make requests of the description run for hours on the whole of it,
whose conditions hold conditions."""
Text = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$")]


class JourneyItem(BaseModel):
    """A journey in a list."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    name: str
    state: str = Field(description="`draft` (never published), `live`, `paused` or `stopped`")
    version: int | None = Field(description="What newcomers take; null where nothing was published")
    trial_version: int | None = Field(description="What a share of them takes instead, if any does")
    trial_share: int | None = Field(description="That share, in percent")
    unpublished_changes: bool = Field(description="Newcomers get something else than the draft")
    updated_at: datetime


class SavedDraft(JourneyItem):
    """A draft that was saved. A document with problems is refused, so that there are none here."""

    draft: dict[str, Any]
    problems: list[str] = []


class PublishRequest(BaseModel):
    """What publishing means to those who are inside."""

    model_config = ConfigDict(extra="forbid")

    inside: str = Field(
        default="stay",
        max_length=32,
        description="`stay`: runs that are inside go on in their version; `next_step`: they take this one when they"
        " leave their step; `now`: at once, as `map` leads; `exit`: they leave the journey",
    )
    map: dict[Annotated[str, Field(max_length=128)], Annotated[str, Field(max_length=128)]] | None = Field(
        default=None,
        max_length=400,
        description="Where who stands at a step goes: a step of the new version, `exit` or `stay`; by default to the"
        " step of the same id",
    )
    share: int = Field(
        default=100, ge=1, le=100, description="The percent of customers for whom this is first, inside and newcomers"
    )
    dry_run: bool = Field(default=False, description="Tell what would happen")


class Becoming(BaseModel):
    """So many live runs stand at a step of a version, and go somewhere."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    step: str
    runs: int
    to: str | None = Field(description="A step of the new version, `exit` or `stay`; null until it comes to one")


class Published(BaseModel):
    """A version, or with `dry_run` what it would be."""

    model_config = ConfigDict(from_attributes=True)

    journey: str
    version: int
    hash: str = Field(description="SHA-256 of the document")
    published_at: datetime
    is_new: bool = Field(description="False where the draft is the version that was there already")
    inside: dict[str, dict[str, int]] = Field(description="Live runs by version and step")
    share: int = Field(description="The percent of customers for whom it is")
    becoming: list[Becoming] = Field(description="Where the runs that are inside go, by version and step")
    changes: list[str] = Field(description="What is another than in the version that newcomers took, in words")
    findings: list[FindingItem] = Field(description="What lint finds in it, alone and beside what is live")
    migration: str | None = Field(description="What goes through those inside; null with `dry_run`")


class EnterCall(BaseModel):
    """One customer who is to enter."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    customer: Text = Field(description="Our id or the customer's user id; one that nobody has makes a customer")
    context: dict[str, Any] = Field(default_factory=dict, description="Becomes the run's `entry`")


class EnterAccepted(BaseModel):
    """A call that is stored; intake decides it, and every refusal is on record."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="The event under which the journal tells what came of it")
    customer: str


class EnterAnswer(BaseModel):
    """The calls that were accepted, in their order."""

    accepted: list[EnterAccepted]


EnterCalls = Annotated[list[EnterCall], Field(min_length=1, max_length=1000)]
