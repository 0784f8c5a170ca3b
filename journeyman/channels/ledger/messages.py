"""One row of the send ledger (M4): a message of one run's step and visit."""

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy.engine import RowMapping

MOMENTS = {
    "sent": "sent_at",
    "delivered": "delivered_at",
    "opened": "opened_at",
    "clicked": "clicked_at",
    "bounced": "bounced_at",
    "complained": "complained_at",
    "unsubscribed": "unsubscribed_at",
}
"""What may happen to a message after it was reserved, and the column that holds when it first did."""


def message_id(run_id: str, step: str, visit: int) -> str:
    """The ledger's id: the same run, step and visit always give the same one."""
    return "msg_" + hashlib.sha256(f"{run_id}/{step}/{visit}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class Message:
    """A row of `messages`, as it is worked on."""

    id: str
    run_id: str
    step: str
    visit: int
    journey_key: str
    version: int
    customer_id: str
    channel: str
    topic: str
    template_key: str
    state: str
    reserved_at: datetime
    template_hash: str | None = None
    address: str | None = None
    subject: str | None = None
    provider_message_id: str | None = None
    outcome: str | None = None
    detail: str | None = None
    ambiguous: bool = False
    attempts: int = 0
    in_flight: bool = False
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    bounced_at: datetime | None = None
    complained_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    priority: int = 50
    counted_at: datetime | None = None
    """When it took its place under the caps (Q7); None where it has none, or counts for none."""
    held_since: datetime | None = None
    held_until: datetime | None = None
    hold: str | None = None
    """What it was held for last: `cap`, or quiet hours, by what goes of those that piled up (Q4)."""
    provider: str | None = None
    """Who took it, or was asked last."""
    parts: int | None = None
    """As how many messages the provider counts it."""

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        return cls(**row)

    def to_row(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in NAMES}

    @property
    def times(self) -> dict[str, datetime]:
        """Status → when it was reached; a refusal counts from the moment it was decided."""
        found = {moment: at for moment, column in MOMENTS.items() if (at := getattr(self, column)) is not None}
        if self.outcome is not None and self.outcome != "sent":
            found[self.outcome] = self.reserved_at
        return found


NAMES = tuple(column.name for column in fields(Message))
