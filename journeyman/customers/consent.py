"""What a customer agreed to, with the proof of every change (L1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Status = Literal["yes", "no", "pending"]
"""`pending` is a yes that waits for its confirmation (double opt-in), and counts as none."""

Basis = Literal["consent", "contract", "legitimate_interest"]
"""Why somebody's data may be used (GDPR, article 6(1), letters a, b and f)."""

TRANSACTIONAL: Final = "transactional"
EXPIRED: Final = "expired"
"""How a yes is read whose time has passed."""


@dataclass(frozen=True, slots=True)
class ConsentUpdate:
    """One subject (a channel or a topic), its new status, and how it came to be.

    `at` is when it was said, where that is not now; `expires_at` ends a yes by itself. `digest` is under which name
    a statement is known that may be handed in again.
    """

    subject: str
    status: Status
    source: str
    actor: str
    wording: str | None = None
    basis: Basis | None = None
    expires_at: datetime | None = None
    at: datetime | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What stands of one subject."""

    subject: str
    status: str
    since: datetime
    basis: str | None = None
    expires_at: datetime | None = None

    def read_at(self, now: datetime) -> str:
        """`yes`, `no`, `pending`, or `expired` for a yes whose time has passed."""
        return EXPIRED if self.expires_at is not None and self.expires_at <= now else self.status

    def outlasts(self, update: ConsentUpdate) -> bool:
        """Whether a statement of another time leaves this as it is: it is older, or as old and no refusal."""
        if update.at is None or update.at > self.since:
            return False
        return update.at < self.since or update.status != "no"

    def agrees(self, update: ConsentUpdate) -> bool:
        """Whether `update` says nothing new."""
        if self.status != update.status:
            return False
        same_basis = update.basis is None or update.basis == (self.basis or "consent")
        return self.status == "no" or (same_basis and self.expires_at == update.expires_at)


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a message may be sent, and what that was read from."""

    allowed: bool
    read: Mapping[str, str]


def permission(
    consents: Mapping[str, str],
    channel: str,
    topic: str,
    *,
    marketing: bool = True,
    channels: Collection[str] = (),
) -> Permission:
    """Marketing needs a recorded yes for the channel, and a topic to which nobody said no; unknown is no (L1).

    A yes that waits for its confirmation is none, for a topic as for a channel. A topic that is no marketing needs no
    yes; a no to it counts all the same. `channels` are those on which the topic may be written about, none for all.
    """
    read = {channel: consents.get(channel, "unknown"), topic: consents.get(topic, "unknown")}
    if topic == TRANSACTIONAL:
        return Permission(True, read)
    if channels and channel not in channels:
        return Permission(False, read | {"channels of the topic": ", ".join(sorted(channels))})
    is_refused = read[topic] in {"no", "pending"}
    return Permission(not is_refused and (not marketing or read[channel] == "yes"), read)
