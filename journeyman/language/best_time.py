"""The best hour for a message within a while, by what was learnt of its customer (O1). Pure.

The hours of her local week have scores, 1 for the average hour. The best of those that begin within the while is
taken; where it lies in quiet hours, the nearest one that does not (Q3). One message in twenty goes at any of the hours
that could have been taken, so that it stays known what the others would have brought; with which probability the
hour was taken is on record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from journeyman.language.calendar import add
from journeyman.language.dates import at_local
from journeyman.language.quiet import Window, is_quiet, opening, share_of
from journeyman.language.steps.wait import BestTime
from journeyman.language.timing import Hours, Timing

WEEK: Final = 168
EXPLORED: Final = 0.05
"""The share of messages that go at any hour."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A message that looks for its hour. `draw` tells occasions apart: the same one always chooses the same."""

    now: datetime
    zone: ZoneInfo
    customer_id: str
    draw: str
    timing: Timing | None = None
    quiet: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """When it is to go; None is at once. `read` is what the choice was made by."""

    at: datetime | None
    read: Mapping[str, Any] = field(default_factory=dict)


def choose(best: BestTime, occasion: Occasion) -> Choice:
    """The instant for a message; without data what the author has chosen: at once, everybody's best hour, or a time."""
    timing, zone = occasion.timing, occasion.zone.key
    hours = timing.own_hours(zone) if timing is not None else None
    if hours is None and best.else_ == "workspace" and timing is not None:
        hours = timing.shared_hours(zone)
    if hours is not None:
        return _chosen(best, occasion, hours)
    if best.else_ in {"now", "workspace"}:
        return Choice(None, {"rung": "none"})
    return Choice(_at_time(best.else_, occasion), {"rung": "author"})


@dataclass(frozen=True, slots=True)
class _Cell:
    """An hour of the week that may be taken, and when it begins, or from when on it may still be used."""

    number: int
    start: datetime
    end: datetime


def _chosen(best: BestTime, occasion: Occasion, hours: Hours) -> Choice:
    ahead = list(_ahead(best, occasion))
    open_ = [cell for cell in ahead if not is_quiet(occasion.quiet, occasion.zone, cell.start)]
    if not open_:
        return Choice(opening(occasion.quiet, occasion.zone, occasion.now), {"rung": hours.rung, "quiet": True})
    wanted = _best(ahead, hours)
    taken = wanted if wanted in open_ else _nearest(wanted, open_, hours)
    explores = share_of(occasion.now, f"{occasion.draw}/explores") < EXPLORED
    chosen = taken
    if explores:
        chosen = open_[int(share_of(occasion.now, f"{occasion.draw}/which") * len(open_))]
    propensity = EXPLORED / len(open_) + (1 - EXPLORED if chosen == taken else 0)
    read = {
        "rung": hours.rung,
        "cell": chosen.number,
        "score": round(hours.scores[chosen.number], 3),
        "explored": explores,
        "propensity": round(propensity, 4),
    }
    if wanted != taken:
        read["quiet"] = wanted.number
    return Choice(_within(chosen, occasion), read)


def _ahead(best: BestTime, occasion: Occasion) -> Sequence[_Cell]:
    """Every hour of the local week that begins within the while, the one that runs first; each of them once."""
    last = add(occasion.now, best.within, occasion.zone)
    found: dict[int, _Cell] = {}
    local = occasion.now.astimezone(occasion.zone)
    day, hour = local.date(), local.hour
    for place in range(WEEK):
        on, at = day + timedelta(days=(hour + place) // 24), (hour + place) % 24
        start = max(at_local(on, time(at), occasion.zone), occasion.now) if place else occasion.now
        if start > last:
            break
        number = on.weekday() * 24 + at
        ends = at_local(on + timedelta(days=(at + 1) // 24), time((at + 1) % 24), occasion.zone)
        if ends > start:
            found.setdefault(number, _Cell(number, start, min(ends, last + timedelta(seconds=1))))
    return list(found.values())


def _best(cells: Sequence[_Cell], hours: Hours) -> _Cell:
    return max(cells, key=lambda cell: (hours.scores[cell.number], -cell.start.timestamp()))


def _nearest(wanted: _Cell, cells: Sequence[_Cell], hours: Hours) -> _Cell:
    """Of the hours that are as near, the better one."""
    return min(cells, key=lambda cell: (abs(cell.start - wanted.start), -hours.scores[cell.number]))


def _within(cell: _Cell, occasion: Occasion) -> datetime | None:
    """An instant of the hour that is the customer's own, so that not all go at its first second (W8); None is now."""
    if cell.start == occasion.now:
        return None
    at = cell.start + share_of(cell.start, occasion.customer_id) * (cell.end - cell.start)
    return at if not is_quiet(occasion.quiet, occasion.zone, at) else cell.start


def _at_time(text: str, occasion: Occasion) -> datetime:
    """The next local time of day, spread over a minute."""
    hour, minute = text.split(":")
    day = occasion.now.astimezone(occasion.zone).date()
    at = at_local(day, time(int(hour), int(minute)), occasion.zone)
    if at <= occasion.now:
        at = at_local(day + timedelta(days=1), time(int(hour), int(minute)), occasion.zone)
    return at + share_of(at, occasion.customer_id) * timedelta(minutes=1)
