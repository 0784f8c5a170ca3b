"""Times as documents write them: weekdays, local times of day, and instants."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LocalTime = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time of day, HH:MM", examples=["09:00"])
]

_CALENDAR_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")


def _check_written(value: object) -> object:
    """Refuses numbers, in which pydantic would see seconds since 1970, and dates without a time."""
    if isinstance(value, datetime) or (isinstance(value, str) and _CALENDAR_DATE.match(value)):
        return value
    raise PydanticCustomError("instant", "this is no instant; write a date, a time and a zone: 2026-12-01T09:00:00Z")


Instant = Annotated[AwareDatetime, BeforeValidator(_check_written)]
