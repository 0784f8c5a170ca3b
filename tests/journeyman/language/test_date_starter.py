"""E6: what a starter on a date says, and what it cannot say."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeyman.language.dates import Distance, apart, read_date
from journeyman.language.durations import CalendarOffset, Offset
from journeyman.language.starters.date import DateEntry
from journeyman.language.validation import DefinitionError, parse
from tests.builders import journey

WARSAW = ZoneInfo("Europe/Warsaw")
TOKYO = ZoneInfo("Asia/Tokyo")
EARLY = datetime(2026, 1, 1, tzinfo=UTC)
TWO_THINGS = {"product": "coffee", "category": "Coffee"}
BIRTHDAY = {"on": "date", "attribute": "birthday"}


def told(entry: dict[str, Any]) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        parse(journey(entry=entry))
    return [f"{problem.pointer}: {problem.detail} {problem.mend}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("parts", "pointer", "word"),
    [
        ({"attribute": None}, "/entry", "one place"),
        ({"computed": "first_order_at"}, "/entry", "one place"),
        ({"property": "departs_at"}, "/entry/property", "goes with `event`"),
        ({"where": {"property": "a", "equals": 1}}, "/entry/where", "goes with `event`"),
        ({"attribute": None, "event": "Trip Booked"}, "/entry", "`property` is missing"),
        ({"leap_day": "1 march"}, "/entry/leap_day", "repeat: yearly"),
        ({"offset": "-2h", "time": "09:00"}, "/entry/offset", "moves the time of day"),
        ({"correlate": "id"}, "/entry/correlate", "goes with `event`"),
        ({"attribute": None, "replenishment": {}, "offset": "-3d"}, "/entry/offset", "its `lead`"),
        (
            {"attribute": None, "replenishment": {"product": "a", "category": "b"}},
            "/entry/replenishment/category",
            "two",
        ),
        ({"offset": "1 month"}, "/entry/offset", "no duration"),
    ],
)
def test_e6_what_makes_no_sense_is_refused_where_it_stands(parts: dict[str, Any], pointer: str, word: str) -> None:
    document = {name: value for name, value in {**BIRTHDAY, **parts}.items() if value is not None}
    (refused,) = told(document)
    assert refused.startswith(f"{pointer}: ")
    assert word in refused


@pytest.mark.parametrize(
    ("value", "offset", "time", "zone", "expected"),
    [
        # A day is the customer's own.
        ("2026-03-29", None, None, WARSAW, "2026-03-29T00:00+01:00"),
        ("2026-03-29", None, "09:00", WARSAW, "2026-03-29T09:00+02:00"),
        # From a day, days are counted by the calendar also over the change of the clocks.
        ("2026-03-30", "-1d", "09:00", WARSAW, "2026-03-29T09:00+02:00"),
        ("2026-03-30", "-1 calendar day", None, WARSAW, "2026-03-29T00:00+01:00"),
        ("2026-03-30", "-12h", None, WARSAW, "2026-03-29T12:00+02:00"),
        # An instant is one everywhere, and a day after it is 24 hours.
        ("2026-03-28T18:30:00Z", "1d", None, WARSAW, "2026-03-29T18:30Z"),
        ("2026-03-28T18:30:00Z", "1 calendar day", None, WARSAW, "2026-03-29T00:00+01:00"),
        ("2026-03-28T18:30:00Z", None, "09:00", TOKYO, "2026-03-29T09:00+09:00"),
        # Without a zone it is the customer's.
        ("2026-03-28T18:30:00", None, None, TOKYO, "2026-03-28T18:30+09:00"),
    ],
)
def test_e6_the_instant_is_that_of_the_customers_zone(
    value: str, offset: str | None, time: str | None, zone: ZoneInfo, expected: str
) -> None:
    given = {"offset": offset, "time": time}
    entry = DateEntry.model_validate({**BIRTHDAY, **{name: one for name, one in given.items() if one}})
    due = entry.next(value, zone, EARLY)
    assert due is not None
    assert (due.key, due.at) == (value, datetime.fromisoformat(expected))


@pytest.mark.parametrize(
    "value", [None, 5, "soon", "", "2026-02-30", "2026-13-01", "0001-01-01", "9999-12-31", [], True]
)
def test_e6_what_is_no_date_comes_never_due(value: object) -> None:
    for zone in (TOKYO, ZoneInfo("America/Los_Angeles")):
        due = DateEntry.model_validate({**BIRTHDAY, "offset": "3650d"}).next(value, zone, EARLY)
        assert due is None


@pytest.mark.parametrize("value", ["--02-30", "soon", None, 5, "1990-13-01"])
def test_e6_what_is_no_day_comes_round_in_no_year(value: object) -> None:
    assert DateEntry.model_validate({**BIRTHDAY, "repeat": "yearly"}).next(value, WARSAW, EARLY) is None


def test_e6_the_day_of_a_profile_counts_as_it_is_written_and_that_of_a_figure_in_the_customers_zone() -> None:
    written = {"on": "date", "repeat": "yearly", "time": "09:00"}
    value = "2024-05-16T23:30:00Z"
    profile = DateEntry.model_validate({**written, "attribute": "born_at"}).next(value, TOKYO, EARLY)
    figure = DateEntry.model_validate({**written, "computed": "first_order_at"}).next(value, TOKYO, EARLY)
    assert profile is not None
    assert figure is not None
    assert (profile.at.astimezone(TOKYO).day, figure.at.astimezone(TOKYO).day) == (16, 17)


def test_e6_a_yearly_date_long_before_or_after_the_day_keeps_the_year_of_the_day() -> None:
    entry = DateEntry.model_validate({**BIRTHDAY, "repeat": "yearly", "offset": "-10d"})
    due = entry.next("1990-01-05", WARSAW, datetime(2026, 12, 1, tzinfo=UTC))
    assert due is not None
    assert (due.key, due.at) == ("2027", datetime.fromisoformat("2026-12-26T00:00+01:00"))


def test_offsets_by_the_calendar_are_written_back_as_they_were_read() -> None:
    for text in ("-1 calendar day", "1 calendar day", "-3 calendar days"):
        assert str(CalendarOffset.parse(text)) == text


def test_an_offset_of_hours_is_no_number_of_days() -> None:
    assert Distance(Offset.parse("-36h")).days is None
    assert Distance(Offset.parse("-48h")).days == -2


def test_a_date_that_leaves_the_calendar_is_none() -> None:
    written = read_date("9999-12-30", TOKYO)
    assert written is not None
    assert apart(written, Distance(Offset.parse("30d")), TOKYO) is None
