"""Segments: kept, counted, tried out, explained."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SEGMENT = {
    "type": "object",
    "title": "SegmentOutline",
    "description": "A segment: see the component `SegmentDocument`",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "when": {"type": "object", "description": "A condition; a segment without one is a list that is kept by hand"},
        "events": {"type": "boolean", "description": "Whether coming in and leaving are customer events"},
    },
}
"""A segment's document in outline, as a journey's is: conditions hold conditions."""


class KeptSegment(BaseModel):
    """A segment as it stands."""

    key: str
    name: str
    description: str
    when: dict[str, Any] | None = Field(description="The condition of its members; null for a list kept by hand")
    events: bool = Field(description="Whether coming in and leaving are customer events")
    created_at: datetime
    updated_at: datetime
    built_at: datetime | None = Field(description="When its members had been found; null while they are being found")


class SegmentItem(KeptSegment):
    """A segment in a list."""

    count: int = Field(description="How many customers are in it")


class Member(BaseModel):
    """A customer in a segment."""

    customer: str
    since: datetime


class SegmentCount(BaseModel):
    """How many customers are in a segment."""

    count: int
    building: bool = Field(description="Whether its members are still being found")


class MembersByHand(BaseModel):
    """Who is to join a list that is kept by hand, and who is to leave it."""

    model_config = ConfigDict(extra="forbid")

    add: list[str] = Field(default_factory=list, max_length=1000, description="Customer ids")
    remove: list[str] = Field(default_factory=list, max_length=1000, description="Customer ids")


class MembershipMove(BaseModel):
    """Somebody came into a segment, or left it."""

    segment: str
    customer: str
    kind: str = Field(description="`entered` or `left`")
    at: datetime
    reason: str = Field(description="The message id of the event, `time`, `build`, `hand` or `merge`")


class MembersMoved(BaseModel):
    """Who really moved."""

    moved: list[MembershipMove]


class SegmentPreview(BaseModel):
    """What a segment would hold now."""

    count: int
    sample: list[str] = Field(description="Some of the customers, by id")


class SegmentExplained(BaseModel):
    """Whether somebody is in a segment, and why."""

    member: bool
    since: datetime | None
    verdict: dict[str, Any] | None = Field(description="Every part of the condition with what it read; null for a list")
    recheck_at: datetime | None = Field(description="When time alone may move her in or out of any segment")


class ReadySegment(BaseModel):
    """A segment that is ready to be kept."""

    key: str
    name: str
    description: str
    when: dict[str, Any]
