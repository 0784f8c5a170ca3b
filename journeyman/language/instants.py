"""Instants as documents write them: RFC 3339 with a zone, such as `2026-03-01T12:00:00Z`.

Read by one rule everywhere, in memory as in SQL: a capital `T`, seconds from 00 to 59, up to nine fractional digits of
which six count, and `Z` or an offset below 24 hours. A date alone or a time without a zone is no instant.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_SHAPE: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)
"""When what time alone never changes is going to change."""
BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
"""Since when there is anything at all."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime | None:
    """The instant that many microseconds after 1970; None where the calendar of Python ends."""
    try:
        return _EPOCH + timedelta(microseconds=count)
    except OverflowError:
        return None


def read_instant(text: object) -> int | None:
    """The instant that `text` writes, in microseconds since 1970; None where it writes none."""
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    offset_hours, offset_minutes = int(found[9] or 0), int(found[10] or 0)
    if max(hour, offset_hours) > 23 or max(minute, second, offset_minutes) > 59:  # noqa: PLR2004 - a clock's figures
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    offset = (offset_hours * 60 + offset_minutes) * (-1 if found[8] == "-" else 1)
    seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
    return seconds * 1_000_000 + int(f"{found[7] or '0':0<6}"[:6])
