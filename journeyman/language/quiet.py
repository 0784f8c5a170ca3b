"""When quiet hours end, in the customer's zone and by her wall clock (Q1-Q4)."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from journeyman.language.calendar import WEEKDAYS
from journeyman.language.contact import QuietHours

LONGEST_HOLD: Final = timedelta(days=7)
SPREAD: Final = timedelta(minutes=30)
"""Over how long customers are released after the end of their quiet hours, where the author says nothing (W8)."""
_DAY: Final = timedelta(days=1)
_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """Quiet hours as minutes of the day; `end` is before `begin` where they go over midnight."""

    begin: int
    end: int
    days: frozenset[int]

    @classmethod
    def of(cls, hours: QuietHours) -> Self:
        days = frozenset(WEEKDAYS.index(day) for day in hours.days) or frozenset(range(7))
        return cls(_minute(hours.from_), _minute(hours.until), days)

    def covers(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether the customer's clock shows a quiet time; a window over midnight belongs to the day it began on."""
        local = instant.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end and local.weekday() in self.days
        if minute >= self.begin:
            return local.weekday() in self.days
        return minute < self.end and (local.weekday() - 1) % 7 in self.days


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def is_quiet(windows: Collection[Window], zone: ZoneInfo, instant: datetime) -> bool:
    return any(window.covers(instant, zone) for window in windows)


def opening(windows: Sequence[Window], zone: ZoneInfo, start: datetime) -> datetime | None:
    """The first instant from `start` on at which no window is on; None where that takes more than a week."""
    if not is_quiet(windows, zone, start):
        return start
    return next((at for at in _edges(windows, zone, start) if not is_quiet(windows, zone, at)), None)


def release_at(
    windows: Sequence[Window], zone: ZoneInfo, start: datetime, customer_id: str, spread: timedelta = SPREAD
) -> datetime | None:
    """When somebody who is held at `start` is let go: after the opening, by a share of the spread that is hers (W8).

    The same customer has the same share after the same opening, and it never leads into the next quiet hours.
    """
    opens = opening(windows, zone, start)
    if opens is None:
        return None
    closes = next((at for at in _edges(windows, zone, opens) if is_quiet(windows, zone, at)), opens + spread)
    return opens + share_of(opens, customer_id) * min(spread, closes - opens)


def share_of(instant: datetime, customer_id: str) -> float:
    """A customer's own share of the while after an instant, from 0 up to 1: stable, and even over many (W8)."""
    digest = hashlib.sha256(f"{instant.isoformat()}/{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _edges(windows: Collection[Window], zone: ZoneInfo, start: datetime) -> list[datetime]:
    """Every instant of the week after `start` at which a window may begin or end, in order."""
    minutes = {minute % _MINUTES for window in windows for minute in (window.begin, window.end)}
    day = start.astimezone(zone).date() - _DAY
    found = set(_clock_changes(zone, start))
    for ahead in range(LONGEST_HOLD.days + 3):
        for minute in minutes:
            local = datetime.combine(day + ahead * _DAY, time(minute // 60, minute % 60), tzinfo=zone)
            found |= {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(at for at in found if start < at <= start + LONGEST_HOLD)


def _clock_changes(zone: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """The instants of the week after `start` at which the clocks are changed, to the second."""
    at = start.astimezone(UTC).replace(microsecond=0)
    for _ in range(LONGEST_HOLD.days + 1):
        early, late = at, at + _DAY
        if _offset(early, zone) != _offset(late, zone):
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
                early, late = (middle, late) if _offset(middle, zone) == _offset(early, zone) else (early, middle)
            yield late
        at += _DAY


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
