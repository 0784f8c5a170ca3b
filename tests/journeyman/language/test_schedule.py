"""Schedules: when they come, in any zone and over changes of the clocks, and what cannot be meant."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from journeyman.language.rates import Rate
from journeyman.language.starters.schedule import ScheduleEntry

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo")


def schedule(**fields: Any) -> ScheduleEntry:
    return ScheduleEntry.model_validate({"on": "schedule", **fields})


def first(fields: dict[str, Any], number: int, after: datetime, zone: ZoneInfo = WARSAW) -> list[datetime]:
    return [one.at for one in islice(schedule(**fields).upcoming(zone, after), number)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({"cron": "0 9 * * 1"}, ["2026-03-30T07:00", "2026-04-06T07:00"]),
        ({"cron": "0 9 13 * fri"}, ["2026-03-27T08:00", "2026-04-03T07:00", "2026-04-10T07:00", "2026-04-13T07:00"]),
        (
            {"cron": "*/20 8-9 * * 1-5"},
            ["2026-03-27T07:00", "2026-03-27T07:20", "2026-03-27T07:40", "2026-03-27T08:00"],
        ),
        ({"cron": "0 0 1 jan,jul *"}, ["2026-06-30T22:00", "2026-12-31T23:00"]),
        ({"cron": "0 12 * * 0"}, ["2026-03-29T10:00"]),
        ({"cron": "0 12 * * 7"}, ["2026-03-29T10:00"]),
        ({"calendar": {"time": "09:00", "day": [-1]}}, ["2026-03-31T07:00", "2026-04-30T07:00"]),
        ({"calendar": {"time": ["09:00", "18:00"], "weekday": ["monday"]}}, ["2026-03-30T07:00", "2026-03-30T16:00"]),
        ({"calendar": {"time": "09:00", "month": [12], "day": [24]}}, ["2026-12-24T08:00", "2027-12-24T08:00"]),
        ({"rrule": "FREQ=MONTHLY;BYDAY=1MO", "time": "09:00"}, ["2026-04-06T07:00", "2026-05-04T07:00"]),
        ({"rrule": "RRULE:FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=30"}, ["2026-03-27T16:30", "2026-04-24T15:30"]),
        (
            {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "start": "2026-03-17", "time": "08:00"},
            ["2026-03-31T06:00", "2026-04-14T06:00"],
        ),
        ({"rrule": "FREQ=DAILY;COUNT=3", "start": "2026-03-25", "time": "20:00"}, ["2026-03-27T19:00"]),
        ({"rrule": "FREQ=DAILY;UNTIL=20260328T235959", "time": "07:00"}, ["2026-03-27T06:00", "2026-03-28T06:00"]),
        ({"once": "2026-12-01T09:00"}, ["2026-12-01T08:00"]),
        ({"once": "2026-12-01T09:00:00-05:00"}, ["2026-12-01T14:00"]),
        ({"once": "2026-12-01T09:00", "local": True}, ["2026-11-30T19:00"]),
        ({"cron": "0 9 * * *", "local": True}, ["2026-03-27T19:00", "2026-03-28T19:00"]),
        ({"once": "2026-01-01T09:00"}, []),
    ],
)
def test_when_a_schedule_comes(fields: dict[str, Any], times: list[str]) -> None:
    after = utc("2026-03-27T00:30")
    found = first(fields, max(len(times), 1), after)
    assert found[: len(times)] == [utc(one) for one in times]
    if not times:
        assert found == []


def test_e6_a_time_that_is_skipped_is_moved_and_one_that_comes_twice_counts_once() -> None:
    spring = first({"cron": "30 2 * * *"}, 3, utc("2026-03-28T12:00"))
    assert spring == [utc("2026-03-29T01:30"), utc("2026-03-30T00:30"), utc("2026-03-31T00:30")]
    autumn = first({"cron": "30 2 * * *"}, 3, utc("2026-10-24T12:00"))
    assert autumn == [utc("2026-10-25T00:30"), utc("2026-10-26T01:30"), utc("2026-10-27T01:30")]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 2, 9, 23])
def test_e6_a_daily_schedule_comes_once_each_local_day_of_a_year(zone: str, hour: int) -> None:
    place = ZoneInfo(zone)
    found = first({"calendar": {"time": f"{hour:02}:30"}}, 365, utc("2026-01-01T12:00"), place)
    days = [at.astimezone(place).date() for at in found]
    assert days == [days[0] + timedelta(days=one) for one in range(365)]


@given(
    minutes=st.integers(0, 1_000_000),
    zone=st.sampled_from(ZONES),
    cron=st.sampled_from(["30 2 * * *", "0 9 * * 1", "15 */6 1 * *", "0 0 29 2 *"]),
)
def test_asked_for_again_behind_each_time_it_is_the_same(minutes: int, zone: str, cron: str) -> None:
    """The engine is given the next times at each firing: none may be lost or come twice on the way."""
    start = utc("2026-01-01") + timedelta(minutes=minutes)
    entry, place, after = schedule(cron=cron), ZoneInfo(zone), start
    whole = [one.at for one in islice(entry.upcoming(place, after), 6)]
    one_by_one = []
    for _ in whole:
        after = next(entry.upcoming(place, after)).at
        one_by_one.append(after)
    assert one_by_one == whole
    assert all(at > start for at in whole)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "one of `once`, `calendar`, `cron` or `rrule`"),
        ({"cron": "0 9 * * 1", "once": "2026-12-01T09:00"}, "one of `once`"),
        ({"cron": "0 9 * *"}, "five fields"),
        ({"cron": "60 9 * * *"}, "no minute"),
        ({"cron": "0 9 32 * *"}, "no day of the month"),
        ({"cron": "0 9 * * foo"}, "no day of the week"),
        ({"cron": "0 9 31 2 *"}, "never comes"),
        ({"rrule": "FREQ=SECONDLY"}, "`FREQ` is one of"),
        ({"rrule": "FREQ=MONTHLY;BYDAY=QQ"}, "no recurrence rule"),
        ({"rrule": "FREQ=DAILY;BYEASTER=0"}, "`BYEASTER`"),
        ({"rrule": "FREQ=WEEKLY"}, "first day"),
        ({"rrule": "FREQ=DAILY;INTERVAL=2"}, "first day"),
        ({"rrule": "FREQ=DAILY;UNTIL=20270101T000000Z"}, "without the `Z`"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "never comes"),
        ({"cron": "0 9 * * 1", "start": "2026-01-01"}, "goes with `rrule`"),
        ({"cron": "0 9 * * 1", "time_zone": "Mars/Base"}, "no IANA time zone"),
        ({"cron": "0 9 * * 1", "time_zone": "Europe/Riga", "local": True}, "own zone counts"),
        ({"once": "2026-12-01T09:00Z", "local": True}, "without a zone"),
        ({"once": "2026-12-01"}, "this is no time"),
        ({"once": 5}, "this is no time"),
        ({"calendar": {"time": "09:00", "day": [0]}}, "no day 0"),
        ({"calendar": {"time": "09:00", "day": [1], "weekday": ["monday"]}}, "two days"),
        ({"cron": "0 9 * * 1", "rate": "fast"}, "no rate"),
        ({"cron": "0 9 * * 1", "rate": "0 per 1m"}, "from 1 to"),
        ({"cron": "0 9 * * 1", "rate": "1 per 40d"}, "31d at most"),
    ],
)
def test_what_no_schedule_is(fields: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError) as refused:
        schedule(**fields)
    assert word in str(refused.value)


def test_a_rate_is_customers_in_a_while() -> None:
    rate = Rate.parse("600 per 1m")
    assert (rate.per_second, str(rate)) == (10.0, "600 per 1m")
    assert Rate.parse("1 per 2h30m").period == timedelta(hours=2, minutes=30)


def test_a_schedule_is_written_as_it_was_read() -> None:
    given = {"on": "schedule", "rrule": "FREQ=WEEKLY;BYDAY=MO", "start": "2026-03-02", "rate": "5 per 1s"}
    assert schedule(**given).model_dump(mode="json", by_alias=True, exclude_unset=True) == given
    assert schedule(**given).start == date(2026, 3, 2)
