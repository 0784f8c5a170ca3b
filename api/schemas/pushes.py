"""Where segments are pushed to, and pushes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.parameters import NO_NUL

Name = Annotated[str, Field(min_length=1, max_length=512, pattern=NO_NUL)]


class WebhookWanted(BaseModel):
    """Where a segment is to be pushed to."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2048, pattern=NO_NUL, examples=["https://crm.example/journeyman"])
    attributes: Annotated[list[Name], Field(max_length=200)] | None = Field(
        default=None, description="The attributes that go along; all of them where there is no list"
    )


class SegmentWebhookFull(BaseModel):
    """Where a segment is pushed to."""

    model_config = ConfigDict(from_attributes=True)

    segment: str
    url: str
    attributes: list[str] | None
    created_at: datetime
    updated_at: datetime


class SignedWebhook(SegmentWebhookFull):
    """Where a segment is pushed to, with the secret that tells the receiver who calls."""

    secret: str = Field(description="Signs the calls, as Standard Webhooks has it", examples=["whsec_…"])


class PushFull(BaseModel):
    """How far a push is. While it is under way and `failure` is not null, it is tried again."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    segment: str
    state: Literal["under_way", "done", "stopped"]
    pushed: int = Field(description="Members that were taken")
    batches: int = Field(description="Calls that were taken")
    requested_at: datetime
    requested_by: str
    ended_at: datetime | None
    failure: str | None = Field(description="Why the last attempt was not taken, or why the push was stopped")
    failed_at: datetime | None
