"""Quiet hours by the customer's wall clock, held against somebody who looks at it every minute (Q1, Q2)."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeyman.language.contact import QuietHours
from journeyman.language.quiet import LONGEST_HOLD, SPREAD, Window, is_quiet, opening, release_at
from tests.a_year import ZONES

NIGHT = {"from": "21:00", "until": "08:00"}
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTE = timedelta(minutes=1)


def hours(**parts: Any) -> QuietHours:
    return QuietHours.model_validate({**NIGHT, **parts})


def window(**parts: Any) -> Window:
    return Window.of(hours(**parts))


def shows_quiet(rules: list[dict[str, Any]], zone: ZoneInfo, instant: datetime) -> bool:
    """By the text of what the clock shows alone."""
    wall = instant.astimezone(zone)
    shown, today = f"{wall:%H:%M}", wall.date()
    return any(
        begins <= shown < ends and NAMES[day.weekday()] in (rule.get("days") or NAMES)
        for rule in rules
        for begins, ends, day in _stretches(rule, today)
    )


def _stretches(rule: dict[str, Any], today: date) -> list[tuple[str, str, date]]:
    """What is quiet of a calendar day, and the day on which that began."""
    if rule["from"] < rule["until"]:
        return [(rule["from"], rule["until"], today)]
    return [("00:00", rule["until"], today - timedelta(days=1)), (rule["from"], "24:00", today)]


def looked_for(rules: list[dict[str, Any]], zone: ZoneInfo, start: datetime) -> datetime | None:
    """The next minute at which the clock shows no quiet time."""
    if not shows_quiet(rules, zone, start):
        return start
    at = start.replace(second=0, microsecond=0)
    while at <= start + LONGEST_HOLD:
        at += MINUTE
        if not shows_quiet(rules, zone, at):
            return at if at <= start + LONGEST_HOLD else None
    return None


def changes(zone: ZoneInfo) -> list[datetime]:
    """The hours of 2028 before which the clocks were changed."""
    beginning = datetime(2028, 1, 1, tzinfo=UTC)
    found = [beginning + timedelta(hours=hour) for hour in range(366 * 24)]
    return [
        at for at in found if at.astimezone(zone).utcoffset() != (at - timedelta(hours=1)).astimezone(zone).utcoffset()
    ]


def some_rules(chance: random.Random) -> list[dict[str, Any]]:
    found = []
    for _ in range(chance.choice((1, 1, 2))):
        begins, ends = (f"{chance.randrange(24):02}:{chance.choice((0, 15, 30, 59)):02}" for _ in range(2))
        days = chance.sample(NAMES, chance.randrange(1, 8)) if chance.random() < 0.3 else []
        until = "24:00" if chance.random() < 0.1 else ends
        if begins != until and (begins, until) != ("00:00", "24:00"):
            found.append({"from": begins, "until": until, "days": days})
    return found or [NIGHT]


@pytest.mark.parametrize("name", ZONES)
def test_q1_a_hold_ends_when_the_wall_clock_says_so_also_when_the_clocks_change(name: str) -> None:
    zone, chance = ZoneInfo(name), random.Random(name)
    near = [at + timedelta(minutes=chance.randrange(-900, 300)) for at in changes(zone) for _ in range(12)]
    anywhere = [
        datetime(2028, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(366 * 24 * 60)) for _ in range(15)
    ]
    assert near
    for start in near + anywhere:
        rules = some_rules(chance)
        windows = [Window.of(QuietHours.model_validate(rule)) for rule in rules]
        expected = looked_for(rules, zone, start)
        assert opening(windows, zone, start) == expected, (start, rules)
        released = release_at(windows, zone, start, "ann")
        assert released is None if expected is None else not shows_quiet(rules, zone, released or start)
        assert expected is None or released is None or expected <= released < expected + SPREAD


def test_q1_a_night_goes_over_midnight_and_belongs_to_the_day_on_which_it_began() -> None:
    fridays, utc = [window(days=["friday"])], ZoneInfo("UTC")
    friday = datetime(2026, 3, 6, tzinfo=UTC)
    assert not is_quiet(fridays, utc, friday + timedelta(hours=7))
    assert is_quiet(fridays, utc, friday + timedelta(hours=22))
    assert is_quiet(fridays, utc, friday + timedelta(hours=31))
    assert not is_quiet(fridays, utc, friday + timedelta(hours=46))


def test_q1_windows_of_two_rules_are_one_where_they_touch() -> None:
    rules = [window(), window(**{"from": "08:00", "until": "10:00", "days": ["saturday"]})]
    friday_night = datetime(2026, 3, 6, 22, tzinfo=UTC)
    assert opening(rules, ZoneInfo("UTC"), friday_night) == datetime(2026, 3, 7, 10, tzinfo=UTC)


def test_q1_what_is_never_open_within_a_week_has_no_end() -> None:
    always = [window(**{"from": "00:00", "until": "12:00"}), window(**{"from": "12:00", "until": "24:00"})]
    assert opening(always, ZoneInfo("UTC"), datetime(2026, 3, 6, tzinfo=UTC)) is None


def test_w8_customers_are_released_evenly_and_each_always_at_the_same_share() -> None:
    start, utc = datetime(2026, 3, 6, 22, tzinfo=UTC), ZoneInfo("UTC")
    opens = datetime(2026, 3, 7, 8, tzinfo=UTC)
    found = [release_at([window()], utc, start, f"c{number}") for number in range(2000)]
    shares = sorted((at - opens) / SPREAD for at in found if at is not None)
    assert [release_at([window()], utc, start + timedelta(hours=3), f"c{number}") for number in range(2000)] == found
    assert max(abs(share - place / 2000) for place, share in enumerate(shares)) < 0.04


def test_w8_nobody_is_released_into_the_next_quiet_hours() -> None:
    short = [window(until="20:50")]
    found = [release_at(short, ZoneInfo("UTC"), datetime(2026, 3, 6, 22, tzinfo=UTC), f"c{n}") for n in range(200)]
    assert all(at is not None and at < datetime(2026, 3, 7, 21, tzinfo=UTC) for at in found)


@pytest.mark.parametrize("hours", [{"until": "21:00"}, {"from": "00:00", "until": "24:00"}, {"until": "25:00"}])
def test_quiet_hours_that_never_end_are_refused(hours: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="until"):
        QuietHours.model_validate({**NIGHT, **hours})
