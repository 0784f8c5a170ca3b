"""A leap year in 24 places whose clocks change, told by looking at a clock every quarter of an hour.

Nothing of the product is used here: it is what the product is compared with.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Anchorage",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Havana",
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Athens",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Warsaw",
    "Pacific/Auckland",
    "Pacific/Chatham",
)
FIRST, LAST = date(2028, 1, 1), date(2028, 12, 31)
DAYS = tuple(FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
QUARTER = timedelta(minutes=15)


@cache
def readings(zone: str) -> dict[datetime, tuple[datetime, datetime]]:
    """What the clock on the wall shows, with the first and the last instant at which it does."""
    place = ZoneInfo(zone)
    instant = datetime(2027, 12, 29, tzinfo=UTC)
    found: dict[datetime, tuple[datetime, datetime]] = {}
    while instant < datetime(2029, 1, 4, tzinfo=UTC):
        wall = instant.astimezone(place).replace(tzinfo=None)
        found[wall] = (found.get(wall, (instant, instant))[0], instant)
        instant += QUARTER
    return found


def looked_up(zone: str, day: date, at: str) -> datetime:
    """When the clock shows this time of the day first; where it never does, as long after what it showed last."""
    wanted = datetime.combine(day, time.fromisoformat(at))
    shown, missing = readings(zone), timedelta()
    while wanted - missing not in shown:
        missing += QUARTER
    first, last = shown[wanted - missing]
    return last + missing if missing else first


@cache
def days_of_change(zone: str) -> tuple[date, ...]:
    """The days of the year on which the clocks are changed: a time is missing, or shown twice."""
    shown = readings(zone)
    walls = (datetime.combine(day, time()) + number * QUARTER for day in DAYS for number in range(96))
    changed = {wall.date() for wall in walls if wall not in shown or shown[wall][0] != shown[wall][1]}
    return tuple(sorted(changed))
