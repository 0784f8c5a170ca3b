"""Dates of customers' own: how they are written, and the instant that lies so far from one in a customer's zone (E6).

A date is a **day** (`1990-05-17`, or without its year `--05-17`) or an **instant** (`2026-05-17T18:30:00Z`; without a
zone it is the customer's local time). From a day, days are counted by the calendar; from an instant, `1d` is 24 hours
as everywhere (W5), unless a local time is asked for: then it is the instant's local day from which days are counted.
"""

import datetime as dt
import re
from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from journeyman.language.anniversaries import LEAP_DAY, Day, day_of
from journeyman.language.durations import CalendarDays, Duration

LeapDay = Literal["28 february", "1 march"]
Written = date | datetime
"""What a profile writes: a day, or an instant."""

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE: Final = timedelta(days=1)
_MIDNIGHT: Final = time(0)


class Distance(NamedTuple):
    """How far from a date, and at which local time; None is the instant itself, or the beginning of the day."""

    offset: Duration | CalendarDays | None = None
    time: dt.time | None = None

    @property
    def days(self) -> int | None:
        """The days by which the calendar is counted; None where the offset is no whole number of them."""
        if self.offset is None:
            return 0
        if isinstance(self.offset, CalendarDays):
            return self.offset.days
        return None if self.offset.timedelta % _WHOLE else self.offset.timedelta // _WHOLE

    @property
    def length(self) -> timedelta:
        """The offset, to the hour that the clocks may be changed by."""
        if self.offset is None:
            return timedelta()
        return timedelta(days=self.offset.days) if isinstance(self.offset, CalendarDays) else self.offset.timedelta


class Occurrence(NamedTuple):
    """One time at which a date comes due. `key` is the same however the zone or the distance change."""

    key: str
    at: datetime


def at_local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time on a day.

    A time that the clocks skip is moved forward by the gap; of one that comes twice it is the first.
    """
    local = datetime.combine(day, at, tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).time() != at:
        # The clocks skip this time: the offset before the gap puts it as far behind the gap as it was inside.
        instant = (local.replace(tzinfo=UTC) - _offset_before(local, zone)).astimezone(UTC)
    return instant


def _offset_before(local: datetime, zone: ZoneInfo) -> timedelta:
    return (local - timedelta(hours=24)).replace(tzinfo=zone).utcoffset() or timedelta(0)


def read_date(value: object, zone: ZoneInfo) -> Written | None:
    """The day or the instant that a value writes; None where it writes none."""
    if not isinstance(value, str):
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else at_local(found.date(), found.time(), zone)
    except (ValueError, OverflowError):
        return None


def apart(written: Written, distance: Distance, zone: ZoneInfo) -> datetime | None:
    """The instant that lies so far from a date; None where the calendar of Python ends before."""
    try:
        return _apart(written, distance, zone)
    except OverflowError:
        return None


def _apart(written: Written, distance: Distance, zone: ZoneInfo) -> datetime:
    offset = distance.offset
    if isinstance(written, datetime):
        by_calendar = distance.time is not None or isinstance(offset, CalendarDays)
        if distance.days is None or not by_calendar:
            length = offset.timedelta if isinstance(offset, Duration) else timedelta()
            moved = written + length
            return moved if distance.time is None else at_local(_local_day(moved, zone), distance.time, zone)
        written = _local_day(written, zone)
    if distance.days is None:
        return _apart(at_local(written, _MIDNIGHT, zone), distance, zone)
    return at_local(written + timedelta(days=distance.days), distance.time or _MIDNIGHT, zone)


def _local_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def once(value: object, distance: Distance, zone: ZoneInfo) -> Occurrence | None:
    """When a date comes due that comes once; another value is another date."""
    written = read_date(value, zone)
    at = apart(written, distance, zone) if written is not None else None
    return Occurrence(str(value), at) if at is not None else None


def yearly(value: object, distance: Distance, zone: ZoneInfo, leap_day: LeapDay, after: datetime) -> Occurrence | None:
    """When the day of a date comes round first after an instant, whatever its year; its key is the year it falls in."""
    day = day_of(value)
    if day is None:
        return None
    try:
        begin = (after - distance.length).year - 1
    except OverflowError:
        return None
    found = (in_year(day, year, distance, zone, leap_day) for year in range(begin, begin + 4))
    return next((one for one in found if one is not None and one.at > after), None)


def in_year(day: Day, year: int, distance: Distance, zone: ZoneInfo, leap_day: LeapDay) -> Occurrence | None:
    """When the day comes due in a year; None where the calendar of Python has no such year."""
    try:
        at = apart(_day_in(day, year, leap_day), distance, zone)
    except ValueError:
        return None
    return Occurrence(str(year), at) if at is not None else None


def _day_in(day: Day, year: int, leap_day: LeapDay) -> date:
    """29 February has its day on the 28th in common years, unless the author says 1 March."""
    if day != LEAP_DAY or isleap(year):
        return date(year, *day)
    return date(year, 2, 28) if leap_day == "28 february" else date(year, 3, 1)
