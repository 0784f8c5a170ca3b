"""Local times that come again: by the calendar, by cron's five fields, or by a recurrence rule (RFC 5545, RRULE).

All of them become recurrence rules over local times without a zone; the instant of each is taken in its zone at last,
so that a time that the clocks skip is moved forward by the gap and one that comes twice is the first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from typing import Final

from dateutil.rrule import rrulestr
from pydantic_core import PydanticCustomError

AHEAD: Final = timedelta(days=3653)
"""How far ahead an occurrence is looked for."""
ANY: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - local, wherever that will be
_BEFORE: Final = timedelta(days=3)
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSETPOS"}
    | {"BYYEARDAY", "BYWEEKNO", "WKST"}
)
_FREQUENCIES: Final = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_COUNTED: Final = frozenset({"INTERVAL", "COUNT"})
_CHOOSE: Final = {
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY"},
    "YEARLY": {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"},
}
"""What says on which day of its period the rule falls, where no first day does."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final[Sequence[tuple[str, int, int, Sequence[str]]]] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_STEP: Final = re.compile(r"(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:/([0-9]+))?")


@dataclass(frozen=True, slots=True)
class Rule:
    """The text of a recurrence rule, and the local time from which it counts where it counts from any."""

    text: str
    start: datetime | None = None

    def after(self, local: datetime) -> Iterator[datetime]:
        """The local times after one, in order; none that is ten years away. Raises what dateutil does."""
        # A rule that counts from no day begins shortly before: the years in between need not be gone through.
        start = self.start or datetime.combine(local.date(), datetime.min.time()) - _BEFORE
        bound = "" if "UNTIL=" in self.text or "COUNT=" in self.text else f";UNTIL={local + AHEAD:%Y%m%dT%H%M%S}"
        return iter(rrulestr(self.text + bound, dtstart=start).xafter(local))


Rules = Sequence[Rule]


def cron(text: str) -> Rules:
    """The rules of cron's five fields; as with cron, days of the month and of the week together are either of both.

    Raises `PydanticCustomError`.
    """
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        message = "this has not cron's five fields, minute hour day month weekday; write `0 9 * * 1`, for example"
        raise PydanticCustomError("cron", message)
    minutes, hours, days, months, weekdays = (
        _numbers(field, *bounds) for field, bounds in zip(fields, _FIELDS, strict=True)
    )
    when = {"BYMONTH": months, "BYHOUR": hours, "BYMINUTE": minutes}
    every_day, every_weekday = (fields[place].startswith("*") for place in (2, 4))
    names = [_WEEKDAYS[number] for number in sorted({(day - 1) % 7 for day in weekdays})]
    if every_day and every_weekday:
        return [_daily({**when, "BYMONTHDAY": days, "BYDAY": names})]
    chosen: list[Mapping[str, Sequence[object]]] = [] if every_day else [{"BYMONTHDAY": days}]
    chosen += [] if every_weekday else [{"BYDAY": names}]
    return [_daily({**when, **one}) for one in chosen]


def _numbers(field: str, name: str, least: int, most: int, names: Sequence[str]) -> list[int]:
    found: set[int] = set()
    for part in field.split(","):
        written = _STEP.fullmatch(part)
        if written is None:
            raise _no_field(name, part, least, most)
        first, last, step = written.groups()
        low = least if first == "*" else _number(first, name, least, most, names)
        high = most if first == "*" or (last is None and step) else low
        high = _number(last, name, least, most, names) if last else high
        if high < low or step == "0" or (first == "*" and last):
            raise _no_field(name, part, least, most)
        found.update(range(low, high + 1, int(step or 1)))
    return sorted(found)


def _number(text: str, name: str, least: int, most: int, names: Sequence[str]) -> int:
    offset = 1 if least == 1 else 0
    number = names.index(text) + offset if text in names else int(text) if text.isdigit() and len(text) < 3 else -1  # noqa: PLR2004
    if not least <= number <= most:
        raise _no_field(name, text, least, most)
    return number


def _no_field(name: str, text: str, least: int, most: int) -> PydanticCustomError:
    message = "`{text}` is no {name} of cron's, which is from {least} to {most}"
    return PydanticCustomError("cron", message, {"text": text, "name": name, "least": least, "most": most})


def calendar(times: Sequence[str], weekdays: Sequence[int], days: Sequence[int], months: Sequence[int]) -> Rules:
    """Local times of day, on weekdays (0 is Monday) or days of the month (-1 is the last), in some months or all."""
    chosen = {"BYDAY": [_WEEKDAYS[day] for day in weekdays], "BYMONTHDAY": days, "BYMONTH": months}
    given = {name: values for name, values in chosen.items() if values}
    return [_daily({**given, **_at(time)}) for time in times]


def _at(time: str) -> dict[str, Sequence[int]]:
    hour, minute = map(int, time.split(":"))
    return {"BYHOUR": [hour], "BYMINUTE": [minute]}


def _daily(chosen: Mapping[str, Sequence[object]]) -> Rule:
    return Rule(";".join(["FREQ=DAILY", *(f"{name}={','.join(map(str, values))}" for name, values in chosen.items())]))


def recurrence(text: str, start: date | None, time: str) -> Rules:
    """The rule of an RRULE's text, counted from the day `start`, at a local time where it has none of its own.

    Raises `PydanticCustomError`.
    """
    written = (part.partition("=") for part in text.upper().removeprefix("RRULE:").rstrip(";").split(";"))
    parts = {name: value for name, _, value in written}
    _check_parts(parts, start)
    if "BYHOUR" not in parts and parts["FREQ"] != "HOURLY":
        parts |= {name: ",".join(map(str, values)) for name, values in _at(time).items()}
    first = datetime.combine(start, datetime.min.time()) if start is not None else None
    rule = Rule(";".join(f"{name}={value}" for name, value in parts.items()), first)
    try:
        next(rule.after(ANY), None)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        message = "this is no recurrence rule: {error}; write `FREQ=MONTHLY;BYDAY=1MO`, for example"
        raise PydanticCustomError("rrule", message, {"error": str(error)}) from None
    return [rule]


def _check_parts(parts: Mapping[str, str], start: date | None) -> None:
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        message = "`FREQ` is one of {known}; write `FREQ=MONTHLY;BYDAY=1MO`, for example"
        raise PydanticCustomError("rrule", message, {"known": ", ".join(_FREQUENCIES)})
    strange = next((name for name in parts if name not in _KNOWN), None)
    if strange is not None:
        raise PydanticCustomError("rrule", "`{name}` is no part of a rule that is known here", {"name": strange})
    if parts.get("UNTIL", "").endswith("Z"):
        raise PydanticCustomError("rrule", "`UNTIL` is a local time here; write it without the `Z`")
    chosen = _CHOOSE.get(frequency)
    is_counted = _COUNTED & parts.keys() or (chosen is not None and not chosen & parts.keys())
    if is_counted and start is None:
        message = "this rule counts from a first day; add it, such as `start: 2026-12-07`"
        raise PydanticCustomError("rrule", message)


def after(rules: Rules, local: datetime) -> Iterator[datetime]:
    """The local times that come after one, in order, each once; none that is ten years away."""
    last: datetime | None = None
    for found in merge(*(rule.after(local) for rule in rules)):
        if found > local + AHEAD:
            return
        if found != last:
            yield found
            last = found
