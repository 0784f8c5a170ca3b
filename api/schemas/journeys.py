"""Journeys as documents: drafts, versions, and calls to enter."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

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
    state: str = Field(description="`draft` (never published), `live` or `stopped`")
    version: int | None = Field(description="What newcomers take; null where nothing was published")
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
        default="stay", max_length=32, description="`stay`: runs that are inside go on in their version"
    )
    dry_run: bool = Field(default=False, description="Tell what would happen")
    map: Any = Field(default=None, description="Not available yet")


class Published(BaseModel):
    """A version, or with `dry_run` what it would be."""

    model_config = ConfigDict(from_attributes=True)

    journey: str
    version: int
    hash: str = Field(description="SHA-256 of the document")
    published_at: datetime
    is_new: bool = Field(description="False where the draft is the version that was there already")
    inside: dict[str, dict[str, int]] = Field(description="Live runs by version and step, which stay where they are")


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
