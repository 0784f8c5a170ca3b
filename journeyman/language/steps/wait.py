"""`wait`: the customer stays until an instant (W5-W8)."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import OnTimeout, Part, StepPart, Target
from journeyman.language.durations import Offset, Span

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LocalTime = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time of day, HH:MM", examples=["09:00"])
]


class UntilInstant(Part):
    """One instant, the same for every customer; `spread` releases them evenly over a while (W8)."""

    instant: AwareDatetime
    spread: Annotated[Span | None, Field(description="Customers are released evenly over this long")] = None


class UntilLocal(Part):
    """A local time of day in the customer's zone: today or the next day it can be, on a weekday, or days ahead."""

    time: LocalTime
    weekday: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    days: Annotated[int | None, Field(ge=1, le=3650, alias="in_days", description="Calendar days ahead (W5)")] = None

    @model_validator(mode="after")
    def _one_way_to_choose_the_day(self) -> Self:
        if self.weekday and self.days is not None:
            raise PydanticCustomError("two_days", "give `weekday` or `in_days`, not both")
        return self


class UntilAttribute(Part):
    """A date of the customer's profile or of the entry, with an offset; at a local time where `time` is given."""

    attribute: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    entry: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    offset: Offset | None = None
    time: LocalTime | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.attribute is None) == (self.entry is None):
            raise PydanticCustomError("one_source", "give `attribute` or `entry`, the path of a date")
        return self


Until = UntilInstant | UntilLocal | UntilAttribute


class Wait(Part):
    """`for` a while, or `until` an instant. `past` and `missing` say what follows from a date that is no use (W6)."""

    for_: Annotated[Span | None, Field(alias="for", description="`1d` is 24 hours, `1 calendar day` is not")] = None
    until: Until | None = None
    past: Annotated[OnTimeout | Literal["next_occurrence"], Field(description="The date has gone by (W6)")] = "continue"
    missing: Annotated[OnTimeout, Field(description="There is no date at all (W6)")] = "continue"

    @classmethod
    def not_yet(cls) -> frozenset[str]:
        return frozenset({"best_time"})

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: object) -> object:
        """`until: "09:00"` is the next local nine o'clock, `until: 2026-12-01T09:00:00Z` an instant."""
        if isinstance(value, dict) and isinstance(value.get("until"), str | datetime):
            short = value["until"]
            is_time = isinstance(short, str) and len(short) == len("09:00") and short[2] == ":"
            return {**value, "until": {"time": short} if is_time else {"instant": short}}
        return value

    @model_validator(mode="after")
    def _for_or_until(self) -> Self:
        if (self.for_ is None) == (self.until is None):
            raise PydanticCustomError("for_or_until", "give `for` (a duration) or `until` (an instant), one of them")
        return self


class WaitStep(StepPart):
    """Stays, then goes on."""

    wait: Wait

    @property
    def targets(self) -> tuple[str, ...]:
        named: tuple[Target, ...] = (self.wait.past, self.wait.missing)
        words = {"continue", "exit", "end", "next_occurrence"}
        return (*super().targets, *(target for target in named if target not in words))
