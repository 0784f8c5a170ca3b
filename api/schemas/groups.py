"""Groups and their members."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class GroupFull(BaseModel):
    """A company, a team, a household."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    traits: dict[str, Any]
    created_at: datetime = Field(description="When it was first told of, by the time of the event")
    updated_at: datetime


class MemberItem(BaseModel):
    """Somebody who belongs to a group."""

    model_config = ConfigDict(from_attributes=True)

    customer: str
    since: datetime


class BelongingItem(BaseModel):
    """A group to which a customer belongs."""

    model_config = ConfigDict(from_attributes=True)

    group: str
    since: datetime
    traits: dict[str, Any]
