"""What a customer agreed to, with the proof of every change (L1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Status = Literal["yes", "no"]
TRANSACTIONAL = "transactional"


@dataclass(frozen=True, slots=True)
class ConsentUpdate:
    """One subject (a channel or a topic), its new status, and how it came to be."""

    subject: str
    status: Status
    source: str
    actor: str
    wording: str | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a message may be sent, and what that was read from."""

    allowed: bool
    read: Mapping[str, str]


def permission(consents: Mapping[str, str], channel: str, topic: str) -> Permission:
    """Marketing needs a recorded yes for the channel and no recorded no for the topic; unknown is no (L1)."""
    read = {channel: consents.get(channel, "unknown"), topic: consents.get(topic, "unknown")}
    if topic == TRANSACTIONAL:
        return Permission(True, read)
    return Permission(read[channel] == "yes" and read[topic] != "no", read)
