"""`on: schedule`: the calendar starts runs, for many customers at once."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Final, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language import recurrences
from journeyman.language.dates import at_local
from journeyman.language.document import Part
from journeyman.language.durations import Duration
from journeyman.language.recurrences import Rules
from journeyman.language.starters.campaign import CampaignRules
from journeyman.language.times import LocalTime, Weekday
from journeyman.language.values import Name
from journeyman.language.zones import known_zone

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS: Final = ("once", "calendar", "cron", "rrule")
EASTERNMOST: Final = timedelta(hours=14)
"""How far ahead of UTC a local time comes first."""
WESTERNMOST: Final = timedelta(hours=12)

_WRITTEN: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")


def _check_once(value: object) -> object:
    """Refuses numbers, in which pydantic would see seconds since 1970, and dates without a time."""
    if isinstance(value, datetime) or (isinstance(value, str) and _WRITTEN.match(value)):
        return value
    message = "this is no time; write an instant, 2026-12-01T09:00:00Z, or a local time, 2026-12-01T09:00"
    raise PydanticCustomError("instant", message)


Once = Annotated[datetime, BeforeValidator(_check_once)]
DayOfMonth = Annotated[int, Field(ge=-31, le=31, strict=True)]
Month = Annotated[int, Field(ge=1, le=12, strict=True)]


class Occurrence(NamedTuple):
    """One time of a schedule: when it begins, and the local time that it stands for."""

    at: datetime
    local: datetime


class Calendar(Part):
    """Local times of day, on every day or on those that are chosen."""

    time: Annotated[LocalTime | tuple[LocalTime, ...], Field(description="One local time or several")]
    weekday: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    day: Annotated[tuple[DayOfMonth, ...], Field(max_length=31, description="Days of the month; -1 is the last")] = ()
    month: Annotated[tuple[Month, ...], Field(max_length=12)] = ()

    @model_validator(mode="after")
    def _one_way_to_choose_the_day(self) -> Self:
        if self.weekday and self.day:
            message = "`weekday` and `day` choose two days; take one of them out, or write an `rrule`"
            raise PydanticCustomError("two_days", message, {"at": "day"})
        if 0 in self.day:
            raise PydanticCustomError("day", "there is no day 0; the first is 1, the last is -1", {"at": "day"})
        return self

    @property
    def rules(self) -> Rules:
        times = (self.time,) if isinstance(self.time, str) else self.time
        return recurrences.calendar(times, [WEEKDAYS.index(day) for day in self.weekday], self.day, self.month)


class ScheduleEntry(CampaignRules):
    """At these times a campaign begins: it lets in the members of `segment`, or all for whom the `audience` holds."""

    on: Literal["schedule"]
    once: Annotated[Once | None, Field(description="An instant, or a local time without a zone")] = None
    calendar: Calendar | None = None
    cron: Annotated[str | None, Field(max_length=200, description="Cron's five fields", examples=["0 9 * * 1"])] = None
    rrule: Annotated[
        str | None,
        Field(max_length=500, description="A recurrence rule (RFC 5545)", examples=["FREQ=MONTHLY;BYDAY=1MO"]),
    ] = None
    start: Annotated[date | None, Field(description="The day from which the `rrule` counts")] = None
    time: Annotated[LocalTime | None, Field(description="Local time of an `rrule` without hours of its own")] = None
    time_zone: Annotated[
        str | None, Field(min_length=1, description="IANA zone of the times; else the journey's or the workspace's")
    ] = None
    local: Annotated[bool, Field(strict=True, description="Everybody at this time of her own zone (W7)")] = False
    segment: Annotated[Name | None, Field(description="The key of a segment", examples=["vip"])] = None
    catch_up: Annotated[
        Duration | None, Field(description="How late a campaign may still begin after an outage; by default 1h")
    ] = None

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, value: str | None) -> str | None:
        if value is not None and known_zone(value) is None:
            message = "`{zone}` is no IANA time zone; write one such as `Europe/Riga`"
            raise PydanticCustomError("time_zone", message, {"zone": value})
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            message = "a schedule is one of `once`, `calendar`, `cron` or `rrule`; write `cron: 0 9 * * 1`, for example"
            raise PydanticCustomError("one_source", message)
        beside = next((name for name in ("start", "time") if getattr(self, name) is not None), None)
        if self.rrule is None and beside is not None:
            message = "`{at}` goes with `rrule`; add the rule, or take it out"
            raise PydanticCustomError("misplaced", message, {"at": beside})
        return self

    @model_validator(mode="after")
    def _zones_go_together(self) -> Self:
        if self.local and self.time_zone is not None:
            message = "with `local` everybody's own zone counts; take out `time_zone`, or `local`"
            raise PydanticCustomError("misplaced", message, {"at": "time_zone"})
        if self.local and self.once is not None and self.once.tzinfo is not None:
            message = "with `local` this is everybody's own time; write it without a zone: 2026-12-01T09:00:00"
            raise PydanticCustomError("misplaced", message, {"at": "once"})
        if self.once is None and next(self._locals(recurrences.ANY), None) is None:
            raise PydanticCustomError("never", "this time never comes; write another", {"at": self.kind})
        return self

    @property
    def kind(self) -> str:
        """Which of the four it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @cached_property
    def _rules(self) -> Rules:
        if self.calendar is not None:
            return self.calendar.rules
        if self.cron is not None:
            return recurrences.cron(self.cron)
        return recurrences.recurrence(self.rrule or "", self.start, self.time or "00:00")

    def _locals(self, local: datetime) -> Iterator[datetime]:
        return recurrences.after(self._rules, local)

    def upcoming(self, zone: ZoneInfo, after: datetime) -> Iterator[Occurrence]:
        """When campaigns begin after an instant, in order; `zone` is that of the times.

        With `local` a campaign begins when its time comes first anywhere on earth.
        """
        if self.once is not None:
            found = self._occurrence(self.once, zone)
            yield from [found] if found.at > after else []
            return
        # A local time that is skipped is moved forward, and clocks are put back by an hour or two.
        for local in self._locals(after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)):
            found = self._occurrence(local, zone)
            if found.at > after:
                yield found

    def _occurrence(self, time: datetime, zone: ZoneInfo) -> Occurrence:
        local = time.astimezone(zone).replace(tzinfo=None) if time.tzinfo is not None else time
        if self.local:
            return Occurrence(local.replace(tzinfo=UTC) - EASTERNMOST, local)
        return Occurrence(time if time.tzinfo is not None else at_local(local.date(), local.time(), zone), local)

    @property
    def says(self) -> str:
        whose = " of everybody's own zone" if self.local else ""
        match self.kind:
            case "once":
                return f"the time **{self.once}**{whose}"
            case "calendar":
                return f"the calendar{whose}"
            case kind:
                return f"the {kind} **{getattr(self, kind)}**{whose}"
