from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.language.anniversaries import day_of
from journeyman.language.conditions import CONDITION
from journeyman.language.evaluation import Facts, holds, judge, outlook
from journeyman.language.instants import FOREVER
from tests.journeyman.language.test_conditions import refusals

WEEK = {"within_next": "7d"}


def facts(birthday: object, now: datetime) -> Facts:
    return Facts(now, {"birthday": birthday})


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *(("1990-05-17", (5, 17)), ("--05-17", (5, 17)), ("1990-05-17T23:30:00-08:00", (5, 17))),
        *(("1987-02-29", (2, 29)), ("1990-02-30", None), ("1990-13-01", None), ("1990-00-10", None)),
        *(("17.05.1990", None), ("1990-05-17 ", None), (19900517, None), (None, None), ("05-17", None)),
    ],
)
def test_a_day_is_read_from_a_date_with_a_year_or_without(written: object, day: tuple[int, int] | None) -> None:
    assert day_of(written) == day


@pytest.mark.parametrize(
    ("birthday", "wanted", "now", "held", "until"),
    [
        ("1990-05-17", "today", at(2026, 5, 17, 9), True, at(2026, 5, 18)),
        ("1990-05-17", "today", at(2026, 5, 16, 23), False, at(2026, 5, 17)),
        ("1990-05-17", "this_month", at(2026, 5, 31, 23), True, at(2026, 6, 1)),
        ("1990-05-17", "this_month", at(2026, 6, 1), False, at(2027, 5, 1)),
        ("1990-05-17", WEEK, at(2026, 5, 9), False, at(2026, 5, 10)),
        ("1990-05-17", WEEK, at(2026, 5, 10), True, at(2026, 5, 18)),
        ("--01-02", WEEK, at(2026, 12, 28), True, at(2027, 1, 3)),
        ("1988-02-29", "today", at(2027, 2, 28), True, at(2027, 3, 1)),
        ("1988-02-29", "today", at(2028, 2, 28), False, at(2028, 2, 29)),
        ("1988-02-29", "this_month", at(2027, 2, 1), True, at(2027, 3, 1)),
        ("1988-02-29", WEEK, at(2028, 2, 21), False, at(2028, 2, 22)),
        ("1990-05-17", {"within_next": "365d"}, at(2026, 5, 18), True, FOREVER),
        ("never", "today", at(2026, 5, 17), False, FOREVER),
    ],
)
def test_anniversaries_turn_at_midnight(birthday: str, wanted: Any, now: datetime, held: bool, until: datetime) -> None:
    condition = CONDITION.validate_python({"attribute": "birthday", "anniversary": wanted})
    assert outlook(condition, facts(birthday, now)) == (held, until)
    assert judge(condition, facts(birthday, now)).holds is held


@given(
    st.dates(date(2000, 1, 1), date(2000, 12, 31)),
    st.sampled_from(("today", "this_month", WEEK, {"within_next": "90d"})),
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
)
@settings(max_examples=150, deadline=None)
def test_until_then_it_stands_and_then_it_turns(day: date, wanted: Any, now: datetime) -> None:
    condition = CONDITION.validate_python({"attribute": "birthday", "anniversary": wanted})
    held, until = outlook(condition, facts(day.isoformat(), now))
    moments = [now + timedelta(days=days) for days in range((until - now).days + 1)]
    moments.append(until - timedelta(microseconds=1))
    assert all(holds(condition, facts(day.isoformat(), moment)) is held for moment in moments if moment < until)
    assert holds(condition, facts(day.isoformat(), until)) is not held


@pytest.mark.parametrize(
    ("wanted", "place", "detail"),
    [
        ({"within_next": "12h"}, (), "this counts in days, up to a year; write whole days, such as 7d"),
        ({"within_next": "400d"}, (), "this counts in days, up to a year; write whole days, such as 7d"),
        ("tomorrow", (), "Input should be 'today' or 'this_month'"),
    ],
)
def test_what_is_no_anniversary_is_refused(wanted: Any, place: tuple[str, ...], detail: str) -> None:
    found = refusals({"attribute": "birthday", "anniversary": wanted})
    assert found == [(("anniversary", *place), detail)]
