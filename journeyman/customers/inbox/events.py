"""An accepted event, in the form in which it waits for intake."""

import zlib
from dataclasses import dataclass
from datetime import datetime

SLOTS = 64
"""Events are spread over so many slots by their subject, commands by their workflow; a partition works every nth."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event on its way into the inbox.

    `subject` is whom it is about: `u:` and the user id, else `a:` and the anonymous id. `payload` is compact JSON text
    with `type`, `name` and what the event brought along of `userId`, `anonymousId`, `previousId`, `groupId`, `traits`,
    `properties` and `context`.
    """

    subject: str
    message_id: str
    event_time: datetime
    payload: str


def slot_of(subject: str) -> int:
    """The slot that keeps this subject's events, or this workflow's commands, in order (CRC-32, as in ISO 3309)."""
    return zlib.crc32(subject.encode()) % SLOTS


def subject_of(user_id: str | None, anonymous_id: str | None) -> str:
    return f"u:{user_id}" if user_id else f"a:{anonymous_id}"
