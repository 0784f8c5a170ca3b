"""A year of waits and dates in 24 zones, against looking at a clock on the wall."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeyman.language.calendar import Moment, resolve
from journeyman.language.starters.date import DateEntry
from journeyman.language.steps.wait import Wait
from tests.a_year import DAYS, ZONES, days_of_change, looked_up

BEFORE = datetime(2027, 12, 30, tzinfo=UTC)
TIMES = ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00", "23:30")


def ends(wait: Any, zone: str, until: datetime) -> Iterator[datetime]:
    """When somebody leaves who waits again and again, beginning before the year."""
    model, place = Wait.model_validate(wait), ZoneInfo(zone)
    now = BEFORE
    while now < until:
        due = resolve(model, Moment(now, place, {}, {}))
        assert due.at is not None
        assert due.at > now
        now = due.at
        yield now


def within_the_year(found: Iterator[datetime], expected: list[datetime]) -> list[datetime]:
    return [at for at in found if expected[0] <= at <= expected[-1]]


@pytest.mark.parametrize("zone", ZONES)
def test_the_clocks_of_every_zone_are_changed_at_least_twice(zone: str) -> None:
    assert len(days_of_change(zone)) >= 2


@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize("zone", ZONES)
def test_w5_a_daily_wait_ends_once_on_every_day_of_the_year(zone: str, at: str) -> None:
    expected = [looked_up(zone, day, at) for day in DAYS]
    assert within_the_year(ends({"until": at}, zone, expected[-1]), expected) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_w7_a_weekly_wait_ends_once_in_every_week_of_the_year(zone: str) -> None:
    expected = [looked_up(zone, day, "09:00") for day in DAYS if day.weekday() == 6]
    found = ends({"until": {"time": "09:00", "weekday": ["sunday"]}}, zone, expected[-1])
    assert within_the_year(found, expected) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_w5_a_wait_of_a_calendar_day_ends_at_every_midnight_of_the_year(zone: str) -> None:
    expected = [looked_up(zone, day, "00:00") for day in DAYS]
    assert within_the_year(ends({"for": "1 calendar day"}, zone, expected[-1]), expected) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_w5_a_wait_for_the_next_day_at_a_time_ends_once_on_every_day(zone: str) -> None:
    expected = [looked_up(zone, day, "02:30") for day in DAYS]
    found = ends({"until": {"time": "02:30", "in_days": 1}}, zone, expected[-1])
    assert within_the_year(found, expected) == expected


def entry(**parts: Any) -> DateEntry:
    return DateEntry.model_validate({"on": "date", "attribute": "birthday", **parts})


@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize("zone", ZONES)
def test_e6_a_birthday_on_any_day_comes_due_once_in_the_year(zone: str, at: str) -> None:
    starter, place = entry(repeat="yearly", time=at), ZoneInfo(zone)
    eve = looked_up(zone, DAYS[0], "00:00") - timedelta(microseconds=1)
    for day in DAYS:
        expected = looked_up(zone, day, at)
        due = starter.next(f"1990-{day:%m-%d}" if day != date(2028, 2, 29) else "1988-02-29", place, eve)
        assert due is not None
        assert (due.key, due.at) == ("2028", expected)
        later = starter.next(f"--{day:%m-%d}", place, due.at)
        assert later is not None
        assert later.key == "2029"


@pytest.mark.parametrize("offset", [-3, 1, -40])
@pytest.mark.parametrize("zone", ZONES)
def test_e6_days_before_a_date_are_days_of_the_calendar(zone: str, offset: int) -> None:
    place = ZoneInfo(zone)
    for written in (f"{offset}d", f"{offset} calendar day{'s' if abs(offset) > 1 else ''}"):
        starter = entry(offset=written, time="09:00")
        for day in DAYS[60:-60]:
            due = starter.next(day.isoformat(), place, BEFORE)
            assert due is not None
            assert due.at == looked_up(zone, day + timedelta(days=offset), "09:00")


@pytest.mark.parametrize(("rule", "day"), [("28 february", (2, 28)), ("1 march", (3, 1))])
@pytest.mark.parametrize("zone", ZONES)
def test_e6_29_february_has_its_day_in_every_year(zone: str, rule: str, day: tuple[int, int]) -> None:
    starter, place = entry(repeat="yearly", time="09:00", leap_day=rule), ZoneInfo(zone)
    found, at = [], datetime(2027, 1, 1, tzinfo=UTC)
    for _ in range(5):
        due = starter.next("2000-02-29", place, at)
        assert due is not None
        at = due.at
        found.append(at.astimezone(place))
    assert [(one.year, one.month, one.day, one.hour) for one in found] == [
        (year, *((2, 29) if year == 2028 else day), 9) for year in range(2027, 2032)
    ]
