"""When a wait ends: durations, calendar days, local times and dates of the profile (W5-W8).

Offsets are taken at the target instant and weekdays in local time. A local time that the clocks skip is moved
forward by the gap; one that comes twice means the first (RFC 5545 section 3.3.5 reads them the same way).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from journeyman.language.dates import Distance, apart, at_local, read_date
from journeyman.language.durations import CalendarDays, Span
from journeyman.language.paths import lookup
from journeyman.language.steps.wait import UntilAttribute, UntilInstant, UntilLocal, Wait

MINUTE: Final = timedelta(minutes=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Due:
    """When a wait ends.

    `code` tells a target that is ahead (`due`) from one gone by (`past`), none (`missing`), and from no need to wait
    (`now`).
    """

    at: datetime | None
    code: Literal["due", "past", "missing", "now"]


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant and the place at which a wait begins, and what is known of the customer."""

    now: datetime
    zone: ZoneInfo
    attributes: Mapping[str, Any]
    entry: Mapping[str, Any]
    customer_id: str = ""


def add(start: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """`start` plus a duration; n calendar days end at the nth local midnight to come (W5)."""
    if isinstance(span, CalendarDays):
        day = start.astimezone(zone).date() + timedelta(days=span.days)
        return at_local(day, time(0), zone)
    return start + span.timedelta


def resolve(wait: Wait, moment: Moment) -> Due:
    """When the wait of a customer who arrives at `moment` ends; not for a `best_time`, which `best_time` chooses."""
    if wait.for_ is not None:
        end = add(moment.now, wait.for_, moment.zone)
        return Due(end + _share(wait, end, moment) if isinstance(wait.for_, CalendarDays) else end, "due")
    match wait.until:
        case UntilInstant():
            target: datetime | None = _spread(wait.until, moment)
        case UntilLocal():
            target = _next_local(wait.until, moment)
        case UntilAttribute():
            target = _of_attribute(wait.until, moment)
        case _:
            raise AssertionError("a wait has `for` or `until` here")
    if target is None:
        return Due(None, "missing")
    if target <= moment.now:
        return _past(wait, target, moment)
    return Due(target + _share(wait, target, moment), "due")


def _share(wait: Wait, target: datetime, moment: Moment) -> timedelta:
    """The customer's own place in the time after an instant that many share: always the same, and even (W8)."""
    if not moment.customer_id or target.second or target.microsecond or target.year == MAXYEAR:
        return timedelta()
    spread = wait.until.spread if isinstance(wait.until, UntilLocal | UntilAttribute) else None
    if isinstance(wait.until, UntilInstant) and wait.until.spread is not None:
        return timedelta()
    if isinstance(wait.until, UntilAttribute) and wait.until.time is None and spread is None:
        return timedelta()
    length = spread.timedelta if spread is not None else MINUTE
    return share(f"{target.isoformat()}/{moment.customer_id}") * length


def _past(wait: Wait, target: datetime, moment: Moment) -> Due:
    """A target gone by; its next occurrence is the same local day of a later year, at the same local time (W6)."""
    if wait.past != "next_occurrence":
        return Due(target, "past")
    local = target.astimezone(moment.zone)
    for year in range(moment.now.year, moment.now.year + 9):
        candidate = at_local(_same_day(local.date(), year), local.time(), moment.zone)
        if candidate > moment.now:
            return Due(candidate, "due")
    return Due(target, "past")


def _same_day(day: date, year: int) -> date:
    """The same day of another year; 29 February is 28 February in common years (E6)."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _next_local(until: UntilLocal, moment: Moment) -> datetime:
    at = time.fromisoformat(until.time)
    today = moment.now.astimezone(moment.zone).date()
    if until.days is not None:
        return at_local(today + timedelta(days=until.days), at, moment.zone)
    for ahead in range(15):
        day = today + timedelta(days=ahead)
        if until.weekday and WEEKDAYS[day.weekday()] not in until.weekday:
            continue
        candidate = at_local(day, at, moment.zone)
        if candidate > moment.now:
            return candidate
    raise AssertionError("every weekday comes within a fortnight")


def _of_attribute(until: UntilAttribute, moment: Moment) -> datetime | None:
    source = moment.attributes if until.attribute is not None else moment.entry
    written = read_date(lookup(source, until.attribute or until.entry or ""), moment.zone)
    if written is None:
        return None
    at = time.fromisoformat(until.time) if until.time is not None else None
    return apart(written, Distance(until.offset, at), moment.zone)


def _spread(until: UntilInstant, moment: Moment) -> datetime:
    """The instant plus this customer's own share of the spread: stable, and even over many customers (W8)."""
    if until.spread is None:
        return until.instant.astimezone(UTC)
    mine = share(f"{until.instant.isoformat()}/{moment.customer_id}")
    start = until.instant.astimezone(UTC)
    return start + mine * (add(start, until.spread, moment.zone) - start)


def share(of: str) -> float:
    """From 0 up to 1: always the same for the same, and even over many."""
    return int.from_bytes(hashlib.sha256(of.encode()).digest()[:8], "big") / 2**64
