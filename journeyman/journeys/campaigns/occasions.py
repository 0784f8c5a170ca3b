"""What a campaign is known by, and by what its entries are: the same however often they are asked for."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final

PREFIX: Final = "cmp_"
_ENTRY: Final = re.compile(r"(cmp_[0-9a-f]{32}):")


def campaign_id(journey: str, occasion: str) -> str:
    """The campaign of a journey on an occasion: one firing is one campaign, whoever tells of it and how often."""
    return PREFIX + hashlib.sha256(f"{journey}\n{occasion}".encode()).hexdigest()[:32]


def at_time(at: datetime) -> str:
    """The occasion of a schedule's time."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def entry_id(campaign: str, customer_id: str) -> str:
    """The message id of a customer's entry: she is let in by a campaign once."""
    return f"{campaign}:{customer_id}"


def campaign_of(message_id: str) -> str | None:
    """The campaign that an entry belongs to, if it belongs to any."""
    found = _ENTRY.match(message_id)
    return found[1] if found else None
