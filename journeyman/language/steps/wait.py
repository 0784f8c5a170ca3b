"""`wait`: the customer stays until an instant (W5-W8)."""

import re
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import Lead, OnTimeout, Part, StepPart
from journeyman.language.durations import DateOffset, Duration, Span
from journeyman.language.kinds import tag
from journeyman.language.needs import Needs
from journeyman.language.paths import Path
from journeyman.language.times import Instant, LocalTime, Weekday

_CLOCK = re.compile("[0-9]{1,2}:[0-9]{1,2}")


Spread = Annotated[
    Duration | None,
    Field(description="Customers are released evenly over this long; by default within the minute (W8)"),
]


class UntilInstant(Part):
    """One instant, the same for every customer; `spread` releases them evenly over a while (W8)."""

    instant: Instant
    spread: Annotated[
        Span | None, Field(description="Customers are released evenly over this long; by default within the minute")
    ] = None


class UntilLocal(Part):
    """A local time of day in the customer's zone: today or the next day it can be, on a weekday, or days ahead."""

    time: LocalTime
    spread: Spread = None
    weekday: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    days: Annotated[
        int | None, Field(ge=1, le=3650, strict=True, alias="in_days", description="Calendar days ahead (W5)")
    ] = None

    @model_validator(mode="after")
    def _one_way_to_choose_the_day(self) -> Self:
        if self.weekday and self.days is not None:
            message = "`weekday` and `in_days` choose two days; take one of them out"
            raise PydanticCustomError("two_days", message, {"at": "in_days"})
        return self


class UntilAttribute(Part):
    """A date of the customer's profile or of the entry, with an offset; at a local time where `time` is given."""

    attribute: Path | None = None
    entry: Path | None = None
    offset: DateOffset | None = None
    time: LocalTime | None = None
    spread: Spread = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.attribute is None) == (self.entry is None):
            message = "a date comes from one place; write `attribute` or `entry`, the path of a date"
            raise PydanticCustomError("one_source", message)
        return self


def _kind_of_until(value: object) -> str | None:
    """A date may have a `time` as well, so its own fields tell first."""
    fields = value.keys() if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    by_field = {
        "instant": "instant",
        **dict.fromkeys(("attribute", "entry", "offset"), "date"),
        **dict.fromkeys(("weekday", "in_days", "time"), "local"),
        "spread": "instant",
    }
    return next((tag(kind) for field, kind in by_field.items() if field in fields), None)


def _check_until(value: object) -> object:
    if _kind_of_until(value) is None:
        message = (
            'this does not say until when; write "09:00", {instant: 2026-12-01T09:00:00Z} or {attribute: trial_ends}'
        )
        raise PydanticCustomError("until", message)
    return value


Until = Annotated[
    Annotated[UntilInstant, Tag(tag("instant"))]
    | Annotated[UntilLocal, Tag(tag("local"))]
    | Annotated[UntilAttribute, Tag(tag("date"))],
    Discriminator(_kind_of_until),
    BeforeValidator(_check_until),
]
Past = Annotated[
    Annotated[OnTimeout, Tag(tag("target"))] | Annotated[Literal["next_occurrence"], Tag(tag("word"))],
    Discriminator(lambda value: tag("word" if value == "next_occurrence" else "target")),
]


class BestTime(Part):
    """The hour of the week at which the customer answers most, as far as that has been learnt (O1)."""

    within: Annotated[Duration, Field(description="How far ahead it may be")]
    else_: Annotated[
        Literal["now", "workspace"] | LocalTime,
        Field(alias="else", description="Where nothing is known: at once, at the workspace's best hour, or at a time"),
    ] = "now"


class Wait(Part):
    """`for` a while, `until` an instant, or to the `best_time`.

    `past` and `missing` say what follows from a date that is no use (W6).
    """

    for_: Annotated[Span | None, Field(alias="for", description="`1d` is 24 hours, `1 calendar day` is not")] = None
    until: Until | None = None
    best_time: Annotated[BestTime | None, Field(description="At the customer's best hour within a while (O1)")] = None
    past: Annotated[Past, Field(description="The date has gone by (W6)")] = "continue"
    missing: Annotated[OnTimeout, Field(description="There is no date at all (W6)")] = "continue"

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: object) -> object:
        """`until: "09:00"` is the next local nine o'clock, `until: 2026-12-01T09:00:00Z` an instant."""
        if isinstance(value, dict) and isinstance(value.get("until"), str | datetime):
            short = value["until"]
            is_time = isinstance(short, str) and _CLOCK.fullmatch(short)
            return {**value, "until": {"time": short} if is_time else {"instant": short}}
        return value

    @model_validator(mode="after")
    def _for_or_until(self) -> Self:
        ends = {"for": self.for_, "until": self.until, "best_time": self.best_time}
        given = [f"`{name}`" for name, end in ends.items() if end is not None]
        if len(given) != 1:
            what = f"is both {' and '.join(given)}" if given else "has neither `for` nor `until`"
            message = 'this wait {what}; write one of them: `for: 1d`, or an instant as in `until: "09:00"`'
            raise PydanticCustomError("for_or_until", message, {"what": what})
        return self

    @property
    def is_local(self) -> bool:
        """Whether another time zone of the customer's may move its end."""
        return not isinstance(self.for_, Duration) and not isinstance(self.until, UntilInstant)


class WaitStep(StepPart):
    """Stays, then goes on."""

    kind: ClassVar[str] = "wait"
    takes_time: ClassVar[bool] = True
    wait: Wait

    @property
    def needs(self) -> Needs:
        return Needs(timing=self.wait.best_time is not None)

    @property
    def waits_for_certain(self) -> bool:
        """A date may have gone by; a duration does not."""
        return self.wait.for_ is not None

    @property
    def leads(self) -> tuple[Lead, ...]:
        named = Lead(("wait", "past"), self.wait.past), Lead(("wait", "missing"), self.wait.missing)
        return (*super().leads, *named)
