"""How long: `30m`, `1d12h` or ISO 8601; and calendar days, which are another thing (W5).

A `Duration` is a number of seconds: `1d` is 24 hours. `CalendarDays` end at a local midnight, so that one of them may
last 23 or 25 hours, or a minute. Nothing here turns one into the other.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

NOTHING = dt.timedelta(0)
LONGEST = dt.timedelta(days=3653)
"""Ten years: nobody waits longer, and an instant plus or minus a duration stays within the calendar."""

SHORT = "(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?"
# Months and years are no fixed length; pydantic would take 30 and 365 days for them.
ISO = "P(?:[0-9.]+W)?(?:[0-9.]+D)?(?:T[0-9.HMS]+)?"

_SHORT = re.compile(SHORT.replace("[0-9]+", "([0-9]{1,8})"))
_ISO = re.compile(ISO)
_ISO_DURATION: TypeAdapter[dt.timedelta] = TypeAdapter(dt.timedelta)
_CALENDAR = re.compile("([0-9]{1,4}) calendar days?")


@dataclass(frozen=True, slots=True, eq=False)
class Duration:
    """A length of time above zero, ten years at most. `text` is how it was written; equality is by length alone."""

    timedelta: dt.timedelta
    text: str

    pattern: ClassVar[str] = f"^(?:{SHORT}|{ISO})$"
    says: ClassVar[str] = "A duration above zero: 45s, 30m, 12h, 1d (24 hours), 2w, 1d12h, or ISO 8601 in weeks or less"
    examples: ClassVar[tuple[str, ...]] = ("30m", "1d", "2w", "1d12h", "PT30M")
    mend: ClassVar[str] = "write a duration such as 30m, 1d or 2w"

    @classmethod
    def parse(cls, text: object) -> Self:
        """The duration that `text` writes. Raises `PydanticCustomError`, which is a `ValueError`."""
        if isinstance(text, cls):
            return text
        length = cls._read(text) if isinstance(text, str) else None
        if not isinstance(text, str) or length is None:
            raise PydanticCustomError("duration", "this is no duration; {mend}", {"mend": cls.mend})
        if abs(length) > LONGEST:
            raise PydanticCustomError("duration_too_long", "this is longer than ten years; write a shorter one")
        return cls(length, text)

    @classmethod
    def _read(cls, text: str) -> dt.timedelta | None:
        """The length in `text`, None where there is none that this class allows."""
        length = _length(text)
        return length if length is not None and length > NOTHING else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and self.timedelta == other.timedelta

    def __hash__(self) -> int:
        return hash(self.timedelta)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return _written(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "minLength": 2,
            "pattern": cls.pattern,
            "description": cls.says,
            "examples": [*cls.examples],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Age(Duration):
    """A duration that may be nothing: `0d` ago is now."""

    says: ClassVar[str] = "A duration, or 0d"
    examples: ClassVar[tuple[str, ...]] = ("3d", "0d")

    @classmethod
    def _read(cls, text: str) -> dt.timedelta | None:
        return _length(text)


@dataclass(frozen=True, slots=True, eq=False)
class Offset(Duration):
    """A distance from a date: before it (`-3d`), after it (`3d`), or none (`0d`); ten years at most each way."""

    pattern: ClassVar[str] = f"^[+-]?(?:{SHORT}|{ISO})$"
    says: ClassVar[str] = "A distance before (-3d) or after (3d, 0d) a date, in the units of a duration"
    examples: ClassVar[tuple[str, ...]] = ("-3d", "12h", "0d")
    mend: ClassVar[str] = "write an offset such as -3d, 0d or 12h"

    @classmethod
    def _read(cls, text: str) -> dt.timedelta | None:
        length = _length(text[1:] if text[:1] in {"+", "-"} else text)
        return -length if length is not None and text.startswith("-") else length


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """`n calendar days`: up to the nth local midnight to come (W5), ten years at most."""

    days: int

    pattern: ClassVar[str] = "^[0-9]{1,4} calendar days?$"
    says: ClassVar[str] = "Days that end at local midnight: 1 calendar day, 3 calendar days"
    examples: ClassVar[tuple[str, ...]] = ("1 calendar day", "3 calendar days")
    mend: ClassVar[str] = "write 1 calendar day, or up to 3653 calendar days"

    @classmethod
    def parse(cls, text: object) -> Self:
        """The calendar days that `text` writes. Raises `PydanticCustomError`, which is a `ValueError`."""
        if isinstance(text, cls):
            return text
        found = _CALENDAR.fullmatch(text) if isinstance(text, str) else None
        if found is None or not 1 <= int(found[1]) <= LONGEST.days:
            raise PydanticCustomError("calendar_days", "these are no calendar days; {mend}", {"mend": cls.mend})
        return cls(int(found[1]))

    def __str__(self) -> str:
        return "1 calendar day" if self.days == 1 else f"{self.days} calendar days"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return _written(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "minLength": 2,
            "pattern": cls.pattern,
            "description": cls.says,
            "examples": [*cls.examples],
        }


@dataclass(frozen=True, slots=True)
class CalendarOffset(CalendarDays):
    """Days by the calendar after a date, or before it (`-1 calendar day`), ten years at most each way."""

    pattern: ClassVar[str] = "^[+-]?[0-9]{1,4} calendar days?$"
    says: ClassVar[str] = "Days by the calendar: -1 calendar day, 3 calendar days"
    examples: ClassVar[tuple[str, ...]] = ("-1 calendar day", "3 calendar days")
    mend: ClassVar[str] = "write 1 calendar day or -1 calendar day, up to 3653 calendar days"

    @classmethod
    def parse(cls, text: object) -> Self:
        """The calendar days that `text` writes. Raises `PydanticCustomError`, which is a `ValueError`."""
        if isinstance(text, cls):
            return text
        sign = text[:1] if isinstance(text, str) and text[:1] in {"+", "-"} else ""
        found = _CALENDAR.fullmatch(text[len(sign) :]) if isinstance(text, str) else None
        if found is None or int(found[1]) > LONGEST.days:
            raise PydanticCustomError("calendar_days", "these are no calendar days; {mend}", {"mend": cls.mend})
        return cls(-int(found[1]) if sign == "-" else int(found[1]))

    def __str__(self) -> str:
        return f"{self.days} calendar day{'' if abs(self.days) == 1 else 's'}"


class _EitherOffset:
    """Reads a `DateOffset`, as `_EitherSpan` reads a span."""

    @staticmethod
    def parse(text: object) -> Offset | CalendarOffset:
        if isinstance(text, CalendarOffset) or (isinstance(text, str) and "calendar" in text):
            return CalendarOffset.parse(text)
        return Offset.parse(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return _written(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "minLength": 2,
            "pattern": f"{Offset.pattern}|{CalendarOffset.pattern}",
            "description": f"{Offset.says}; or {CalendarOffset.says[0].lower()}{CalendarOffset.says[1:]}",
            "examples": [*Offset.examples, *CalendarOffset.examples],
        }


DateOffset = Annotated[Offset | CalendarOffset, _EitherOffset]
"""How far from a date: hours and days of 24 hours, or days by the calendar."""


class _EitherSpan:
    """Reads a `Span`: what speaks of calendar days as such, anything else as a duration, so that one error is told."""

    @staticmethod
    def parse(text: object) -> Duration | CalendarDays:
        if isinstance(text, CalendarDays) or (isinstance(text, str) and "calendar" in text):
            return CalendarDays.parse(text)
        return Duration.parse(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return _written(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "minLength": 2,
            "pattern": f"{Duration.pattern}|{CalendarDays.pattern}",
            "description": f"{Duration.says}; or {CalendarDays.says[0].lower()}{CalendarDays.says[1:]}",
            "examples": [*Duration.examples, *CalendarDays.examples],
        }


Span = Annotated[Duration | CalendarDays, _EitherSpan]
"""How long somebody stays: a duration or calendar days."""


def _written(parse: Callable[[object], Any]) -> CoreSchema:
    """Read by `parse`, written back as it was."""
    return core_schema.no_info_plain_validator_function(
        parse, serialization=core_schema.to_string_ser_schema(when_used="json-unless-none")
    )


def _length(text: str) -> dt.timedelta | None:
    short = _SHORT.fullmatch(text)
    if short and text:
        weeks, days, hours, minutes, seconds = (int(number or 0) for number in short.groups())
        return dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not _ISO.fullmatch(text):
        return None
    try:
        return _ISO_DURATION.validate_python(text)
    except ValidationError:
        return None
