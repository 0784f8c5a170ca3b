from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.language.instants import microseconds, read_instant

zones = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
STEADY = settings(derandomize=True, deadline=None)
NOON = 1_772_366_400_000_000


@STEADY
@given(st.datetimes(timezones=zones))
def test_every_instant_is_read_as_python_writes_it(at: datetime) -> None:
    assert read_instant(at.isoformat()) == microseconds(at)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        ("2026-03-01T06:30:00-05:30", NOON),
        ("2026-03-01T12:00:00-00:00", NOON),
        ("2026-03-01T12:00:00.5Z", NOON + 500_000),
        ("2026-03-01T12:00:00.000001999Z", NOON + 1),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
    ],
)
def test_instants_are_microseconds_since_1970(text: str, instant: int) -> None:
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    "value",
    [
        *("2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-03-01 12:00:00Z", "20260301T120000Z"),
        *("2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z", "2026-03-32T12:00:00Z", "0000-03-01T12:00:00Z"),
        *("2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z", "2026-03-01T12:00:00+24:00"),
        *("2026-03-01T12:00:00+01:60", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00.1234567890Z"),
        *("2026-03-01T12:00:00z", "2026-03-01T12:00:00Z\n", "", "now", 0, None, True, [], {}),
    ],
)
def test_anything_else_is_no_instant(value: object) -> None:
    assert read_instant(value) is None
