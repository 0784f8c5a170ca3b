"""W5-W8: when a wait ends."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeyman.language.calendar import Due, Moment, add, resolve
from journeyman.language.durations import CalendarDays, Duration
from journeyman.language.steps.wait import Wait

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def until(target: Any, *, now: datetime = MONDAY, zone: ZoneInfo = WARSAW, **known: Any) -> Due:
    wait = Wait.model_validate({"until": target, **known.pop("wait", {})})
    moment = Moment(now, zone, known.get("attributes", {}), known.get("entry", {}), known.get("customer", ""))
    return resolve(wait, moment)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours"),
    [("2026-03-28T12:00+01:00", 12), ("2026-03-28T23:00+01:00", 1), ("2026-10-24T12:00+02:00", 12)],
)
def test_w5_a_calendar_day_ends_at_the_next_local_midnight(start: str, hours: int) -> None:
    begun = instant(start)
    assert add(begun, CalendarDays(1), WARSAW) == begun + timedelta(hours=hours)


def test_w5_a_day_is_24_hours_also_when_the_clocks_change() -> None:
    begun = instant("2026-03-28T12:00+01:00")
    day = add(begun, Duration.parse("1d"), WARSAW)
    assert (day - begun, day.astimezone(WARSAW).hour) == (timedelta(hours=24), 13)


@pytest.mark.parametrize(("days", "hours"), [(1, 23 + 12), (2, 23 + 36)])
def test_w5_calendar_days_over_the_spring_change_are_an_hour_shorter(days: int, hours: int) -> None:
    begun = instant("2026-03-28T12:00+01:00")
    end = add(begun, CalendarDays(days + 1), WARSAW)
    assert end - begun == timedelta(hours=hours)


def test_w5_in_a_calendar_day_at_nine_is_that_local_time() -> None:
    due = until({"time": "09:00", "in_days": 1}, now=instant("2026-03-28T22:00+01:00"))
    assert due.at == instant("2026-03-29T09:00+02:00")


def test_the_next_local_nine_o_clock_is_today_or_tomorrow() -> None:
    assert until("09:00", now=instant("2026-03-02T08:59+01:00")).at == instant("2026-03-02T09:00+01:00")
    assert until("09:00", now=instant("2026-03-02T09:00+01:00")).at == instant("2026-03-03T09:00+01:00")


def test_w7_weekdays_are_read_in_local_time() -> None:
    sunday_evening_utc = instant("2026-03-01T23:30+00:00")
    due = until({"time": "09:00", "weekday": ["monday"]}, now=sunday_evening_utc)
    assert due.at == instant("2026-03-02T09:00+01:00")


def test_w7_the_offset_is_that_of_the_target_not_of_now() -> None:
    due = until({"attribute": "birthday", "time": "09:00"}, attributes={"birthday": "2026-07-01"})
    assert due.at == instant("2026-07-01T09:00+02:00")


def test_a_local_time_that_the_clocks_skip_comes_an_hour_later() -> None:
    due = until({"time": "02:30", "in_days": 1}, now=instant("2026-03-28T12:00+01:00"))
    assert due.at == instant("2026-03-29T03:30+02:00")


def test_a_local_time_that_comes_twice_is_the_first() -> None:
    due = until({"time": "02:30", "in_days": 1}, now=instant("2026-10-24T12:00+02:00"))
    assert due.at == instant("2026-10-25T02:30+02:00")


@pytest.mark.parametrize("value", [None, "", "soon", 5, True, {"date": "2026-01-01"}])
def test_w6_what_is_no_date_is_missing(value: Any) -> None:
    assert until({"attribute": "renewal"}, attributes={"renewal": value}) == Due(None, "missing")


def test_w6_a_target_in_the_past_says_so() -> None:
    due = until({"attribute": "renewal", "offset": "-3d"}, attributes={"renewal": "2026-03-04"})
    assert (due.code, due.at) == ("past", instant("2026-03-01T00:00+01:00"))


def test_w6_the_next_occurrence_of_29_february_is_the_28th_in_common_years() -> None:
    due = until(
        {"attribute": "born", "time": "09:00"},
        attributes={"born": "2024-02-29"},
        wait={"past": "next_occurrence"},
        now=instant("2026-02-01T00:00+01:00"),
    )
    assert due.at == instant("2026-02-28T09:00+01:00")


def test_w8_a_fixed_instant_is_spread_evenly_and_stably_over_customers() -> None:
    target = {"instant": "2026-04-01T09:00:00Z", "spread": "1h"}
    start = instant("2026-04-01T09:00+00:00")
    shares = [(until(target, customer=f"c{number}").at or start) - start for number in range(600)]
    assert until(target, customer="c1") == until(target, customer="c1")
    assert all(timedelta(0) <= share < timedelta(hours=1) for share in shares)
    for minute in range(0, 60, 10):
        tenth = sum(timedelta(minutes=minute) <= share < timedelta(minutes=minute + 10) for share in shares)
        assert 60 <= tenth <= 140


def shared(target: Any, customers: int = 200, **known: Any) -> list[datetime]:
    """When so many customers leave who wait for the same instant."""
    found = [until(target, customer=f"c{number}", **known).at for number in range(customers)]
    return [at for at in found if at is not None]


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        ("09:00", "2026-03-03T09:00+01:00"),
        ({"time": "09:00", "weekday": ["friday"]}, "2026-03-06T09:00+01:00"),
        ({"instant": "2026-03-06T09:00:00+01:00"}, "2026-03-06T09:00+01:00"),
        ({"entry": "starts_on", "time": "09:00"}, "2026-03-06T09:00+01:00"),
    ],
)
def test_w8_an_instant_that_many_share_is_spread_over_its_minute(target: Any, begins: str) -> None:
    found = shared(target, entry={"starts_on": "2026-03-06"})
    begin = instant(begins)
    assert all(timedelta() <= at - begin < timedelta(minutes=1) for at in found)
    assert len({int((at - begin).total_seconds() // 6) for at in found}) == 10, "no tenth of the minute is empty"
    assert found == shared(target, entry={"starts_on": "2026-03-06"}), "each has always the same"


def test_w8_the_end_of_a_calendar_day_is_spread_as_well() -> None:
    wait = Wait.model_validate({"for": "1 calendar day"})
    due = resolve(wait, Moment(MONDAY, WARSAW, {}, {}, "ann"))
    assert due.at is not None
    assert timedelta() < due.at - instant("2026-03-03T00:00+01:00") < timedelta(minutes=1)


def test_w8_a_local_time_is_drawn_out_over_as_long_as_the_author_says() -> None:
    found = shared({"time": "09:00", "spread": "2h"})
    begin = instant("2026-03-03T09:00+01:00")
    assert {int((at - begin) / timedelta(minutes=30)) for at in found} == {0, 1, 2, 3}


def test_w8_a_wait_of_hours_and_a_date_of_her_own_are_shared_with_nobody() -> None:
    own = until({"entry": "at"}, entry={"at": "2026-03-06T18:30:00Z"}, customer="ann")
    assert own.at == instant("2026-03-06T18:30:00Z")
    assert resolve(Wait.model_validate({"for": "1h"}), Moment(MONDAY, WARSAW, {}, {}, "ann")).at == MONDAY + timedelta(
        hours=1
    )


@pytest.mark.parametrize("days", ["-1d", "-1 calendar day"])
def test_e6_days_before_a_date_are_counted_by_the_calendar_when_the_clocks_change(days: str) -> None:
    due = until({"attribute": "ends", "offset": days, "time": "09:00"}, attributes={"ends": "2026-03-30"})
    assert due.at == instant("2026-03-29T09:00+02:00")


def test_w8_what_never_comes_is_spread_over_nothing() -> None:
    never = {"attribute": "ends", "spread": "2h"}
    due = until(never, attributes={"ends": "9999-12-31T23:59:00Z"}, customer="ann")
    assert due.at == instant("9999-12-31T23:59+00:00")
