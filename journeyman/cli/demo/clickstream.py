"""The clicks of a shop's visitors, from the data set that `make setup` installs.

It is the synthetic `ecom` data set of retentioneering 5.2.4 (Apache-2.0): 600 visitors over half a year.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journeyman.kit.errors import NotFoundError

DATA = Path(sys.prefix) / "share/journeyman-data/retentioneering/datasets/ecom.csv.gz"
# The month with the most orders, and with many first visits.
MONTH = "2024-04"
# Who is taken from the month, in this order, until there are enough of each.
WANTED = {"recovered": 12, "new": 36, "abandoned": 36, "bought": 24}
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Click:
    """One thing that a visitor did; `at` has no zone, as in the data set."""

    visitor: str
    session: str
    event: str
    at: datetime
    platform: str
    source: str
    lifecycle: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a visitor did within the month, in order; `is_new` where it was the first visit of all."""

    id: str
    is_new: bool
    clicks: tuple[Click, ...]

    @property
    def story(self) -> str:
        """What became of the baskets: `recovered` (bought late), `abandoned`, `bought` at once, or `looked`."""
        filled: datetime | None = None
        stories = set()
        for click in self.clicks:
            if click.event == "add_to_cart":
                filled = filled or click.at
            elif click.event == "purchase" and filled:
                stories.add("recovered" if click.at - filled > SOON else "bought")
                filled = None
        if "recovered" in stories:
            return "recovered"
        return "abandoned" if filled else min(stories, default="looked")


def read_clicks(file: Path = DATA) -> list[Click]:
    """Every click. Raises `NotFoundError` when the data set is not installed."""
    if not file.exists():
        raise NotFoundError(f"the demo's data is missing: run `make setup`, which installs {file.name}")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return [_click(row) for row in csv.DictReader(lines)]


def choose_visitors(clicks: Iterable[Click], month: str = MONTH) -> list[Visitor]:
    """The same visitors every time: some who come back to their basket, some who do not, some who are new."""
    visitors = _visitors(clicks, month)
    chosen: dict[str, Visitor] = {}
    for wish, number in WANTED.items():
        fitting = [one for one in visitors if one.id not in chosen and (one.story == wish or _is_new(one, wish))]
        chosen |= {one.id: one for one in fitting[:number]}
    return sorted(chosen.values(), key=lambda visitor: visitor.clicks[0].at)


def _is_new(visitor: Visitor, wish: str) -> bool:
    return wish == "new" and visitor.is_new


def _visitors(clicks: Iterable[Click], month: str) -> Sequence[Visitor]:
    by_visitor: dict[str, list[Click]] = defaultdict(list)
    for click in clicks:
        by_visitor[click.visitor].append(click)
    visitors = []
    for name, own in sorted(by_visitor.items()):
        own.sort(key=lambda click: click.at)
        within = tuple(click for click in own if f"{click.at:%Y-%m}" == month)
        if within:
            visitors.append(Visitor(name, within[0] is own[0], within))
    return visitors


def _click(row: Mapping[str, str]) -> Click:
    return Click(
        visitor=row["user_id"],
        session=row["session_id"],
        event=row["event"],
        at=datetime.fromisoformat(row["timestamp"]),
        platform=row["platform"],
        source=row["acquisition_channel"],
        lifecycle=row["user_lifecycle"],
    )
