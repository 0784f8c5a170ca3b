"""The messages that wait for a visitor in the app or on the pages of the shop."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from journeyman.channels.in_app.messages import InAppMessage


class InAppButtonItem(BaseModel):
    """Something to press; without `url` it only closes the message."""

    label: str
    url: str | None


class InAppItem(BaseModel):
    """A message as a page shows it; its texts are plain."""

    id: str
    placement: Literal["inbox", "banner", "modal"]
    title: str
    body: str
    url: str | None
    image: str | None
    buttons: list[InAppButtonItem]
    data: dict[str, str]
    sent_at: datetime
    expires_at: datetime
    read_at: datetime | None


class InAppShelf(BaseModel):
    """A page of them, the newest first; `unread` counts all that were not opened."""

    items: list[InAppItem]
    next: str | None
    unread: int


class InAppMoment(BaseModel):
    """What happened to a message; `url` is what was pressed, where it was a link."""

    url: Annotated[str | None, Field(max_length=2_000, pattern=r"^[^\x00]*$")] = None


class Noted(BaseModel):
    """It is noted."""

    success: Literal[True] = True


def item_of(message: InAppMessage) -> dict[str, Any]:
    """A message as it is shown."""
    times = {"sent_at": message.sent_at, "expires_at": message.expires_at, "read_at": message.read_at}
    return {"id": message.id, "placement": message.placement, **message.content, **times}
