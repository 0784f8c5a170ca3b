"""Days that come round every year, birthdays first of all: the month and the day of a date, whatever its year.

Written is a date (`1990-05-17`), a date without a year (`--05-17`, ISO 8601 and vCard), or an instant, of which the
date counts as it is written. Days begin at midnight UTC. Who was born on 29 February has her day on the 28th in other
years, so that it stays in its month.
"""

import re
from calendar import isleap, monthrange
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

from pydantic import Discriminator, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.durations import Duration
from journeyman.language.instants import FOREVER
from journeyman.language.kinds import tag
from journeyman.language.nodes import Node

Day = tuple[int, int]
"""A month and a day of it."""

_SHAPE: Final = re.compile(r"(?:[0-9]{4}-|--)([0-9]{2})-([0-9]{2})(?:T.*)?", re.DOTALL)
_DAY: Final = timedelta(days=1)
_LEAP_YEAR: Final = 2000
LEAP_DAY: Final = (2, 29)
LONGEST: Final = 365
"""Days of a year, after which every day has come round."""


class Upcoming(Node):
    """From today to so many days ahead."""

    within_next: Duration

    @model_validator(mode="after")
    def _whole_days(self) -> Self:
        length = self.within_next.timedelta
        if length % _DAY or length > LONGEST * _DAY:
            message = "this counts in days, up to a year; write whole days, such as 7d"
            raise PydanticCustomError("anniversary", message, {"at": "within_next"})
        return self


Anniversary = Annotated[
    Annotated[Literal["today", "this_month"], Tag(tag("word"))] | Annotated[Upcoming, Tag(tag("upcoming"))],
    Discriminator(lambda value: tag("upcoming" if isinstance(value, dict | Upcoming) else "word")),
]


def day_of(value: object) -> Day | None:
    """The month and the day that a value writes; None where it writes none."""
    found = _SHAPE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    month, day = int(found[1]), int(found[2])
    is_day = month in range(1, 13) and 0 < day <= monthrange(_LEAP_YEAR, month)[1]
    return (month, day) if is_day else None


def falls(day: Day, wanted: Anniversary, on: date) -> bool:
    """Whether the day comes round when it is wanted, seen from a date."""
    return _falls(day, _span(wanted), on)


def _span(wanted: Anniversary) -> timedelta | None:
    """How far ahead the day may be; None where it is the month that counts."""
    if isinstance(wanted, Upcoming):
        return wanted.within_next.timedelta
    return timedelta() if wanted == "today" else None


def _falls(day: Day, span: timedelta | None, on: date) -> bool:
    if span is None:
        return day[0] == on.month
    soonest = _in_year(day, on.year)
    if soonest < on and on.year < MAXYEAR:
        soonest = _in_year(day, on.year + 1)
    return timedelta() <= soonest - on <= span


def _in_year(day: Day, year: int) -> date:
    return date(year, 2, 28) if day == LEAP_DAY and not isleap(year) else date(year, *day)


def wanted_days(wanted: Anniversary, now: datetime) -> list[str]:
    """All the days that come round when it is wanted, each as MM-DD."""
    on = now.astimezone(UTC).date()
    every = (date(_LEAP_YEAR, 1, 1) + number * _DAY for number in range(LONGEST + 1))
    return [f"{one:%m-%d}" for one in every if falls((one.month, one.day), wanted, on)]


def anniversary(value: object, wanted: Anniversary, now: datetime) -> tuple[bool, datetime]:
    """Whether the day that a value writes comes round when it is wanted, and until when that stays so."""
    day = day_of(value)
    return (False, FOREVER) if day is None else _outlook(day, _span(wanted), now.astimezone(UTC).date())


@lru_cache(maxsize=4096)
def _outlook(day: Day, span: timedelta | None, on: date) -> tuple[bool, datetime]:
    held = _falls(day, span, on)
    ahead = (on + number * _DAY for number in range(1, min(LONGEST + 1, (date.max - on).days)))
    turns = next((one for one in ahead if _falls(day, span, one) is not held), None)
    return held, FOREVER if turns is None else datetime.combine(turns, time(), UTC)
