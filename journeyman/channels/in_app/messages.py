"""A message that waits for its customer in the shop's app or on its pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeyman.channels.ports import OutgoingInApp


@dataclass(frozen=True, slots=True)
class InAppMessage:
    """A message by the ledger's id; `content` has `title`, `body`, `url`, `image`, `buttons` and `data`."""

    id: str
    customer_id: str
    placement: str
    content: Mapping[str, Any]
    sent_at: datetime
    expires_at: datetime
    read_at: datetime | None = None


def shown(message: OutgoingInApp) -> dict[str, Any]:
    """What a page or an app needs to show it."""
    return {
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "image": message.image,
        "buttons": [{"label": one.text, "url": one.url} for one in message.buttons],
        "data": dict(message.data),
    }
