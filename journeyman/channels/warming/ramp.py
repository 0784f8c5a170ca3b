"""Warm-up ramps: a new domain or IP address sends a little more every day, until mailbox providers know it.

<https://support.google.com/a/answer/81126> ("increase volume slowly"), <https://senders.yahooinc.com/best-practices/>.
"""

import math
import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

ALL: Final = "all"
OTHER: Final = "other"
_FAMILIES: Final = (
    ("gmail", re.compile(r"(?:gmail|googlemail)\.com")),
    ("outlook", re.compile(r"(?:outlook|hotmail|live|msn|windowslive)\.(?:com|(?:com?\.)?[a-z]{2})")),
    ("yahoo", re.compile(r"(?:yahoo|ymail|rocketmail|aol|myyahoo)\.(?:com|(?:com?\.)?[a-z]{2})")),
    ("apple", re.compile(r"(?:icloud|me|mac)\.com")),
)


class WarmUp(BaseModel):
    """How many messages a day a provider may send while it is new. Days are those of UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    started: Annotated[date, Field(description="The first day")]
    first_day: Annotated[int, Field(ge=1, le=1_000_000, description="Messages on the first day")] = 50
    growth: Annotated[float, Field(ge=1.01, le=10, description="How many times as many on each day after it")] = 1.5
    until: Annotated[int, Field(ge=1, le=10_000_000, description="From so many a day on nothing is bounded")] = 100_000
    by: Annotated[
        Literal["domain", "all"],
        Field(description="`domain`: so many to each of gmail, outlook, yahoo, apple and all others; `all`: together"),
    ] = "domain"
    in_all: Annotated[
        int | None, Field(ge=1, le=10_000_000, description="By `domain`: on the first day in all, growing likewise")
    ] = None

    def factor(self, day: date) -> float | None:
        """How many times as many as on the first day: 0 before it, None once the ramp is over."""
        days = (day - self.started).days
        if days < 0:
            return 0.0
        # Logarithms, for powers of many days are no floats any more.
        if days * math.log(self.growth) >= math.log(self.until / self.first_day) - 1e-9:
            return None
        return self.growth**days

    def bounds(self, part: str, day: date) -> dict[str, int]:
        """How many may go on a day by part, for a message that goes to `part`; none where the ramp is over."""
        factor = self.factor(day)
        if factor is None:
            return {}
        if self.by == ALL:
            return {ALL: _whole(self.first_day * factor)}
        own = {part: _whole(self.first_day * factor)}
        return own if self.in_all is None else {**own, ALL: _whole(self.in_all * factor)}


def part_of(address: str) -> str:
    """Whose mailbox it is, by its domain."""
    domain = address.rpartition("@")[2].lower()
    return next((name for name, families in _FAMILIES if families.fullmatch(domain)), OTHER)


PARTS: Final = (*(name for name, _ in _FAMILIES), OTHER)


def _whole(number: float) -> int:
    return math.floor(number + 1e-9)
