"""Notices to the team, as they are shown."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.notices.settings import NoticeKind


class NoticeShown(BaseModel):
    """One thing that one address of a target is told of."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    target: str = Field(description="As the providers' file calls it")
    place: int = Field(description="Which of the target's URLs, counted from 0")
    kind: NoticeKind
    line: str = Field(description="What it says")
    state: str = Field(description="`pending`, `sent` or `failed`")
    at: datetime
    sent_at: datetime | None
    attempts: int
    failure: str | None = Field(description="What went wrong at the last attempt")
