"""A run that waits for the end of another, which it has asked for: found by the id of the event that asked."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from journeyman.journeys.runs import Run
from journeyman.language.steps.enter import REFUSED

_MARK: Final = "awaited_"
KEPT: Final = "waiter"
"""Under this the other run remembers who waits for its end."""


class Waiter(NamedTuple):
    """The run that waits, the visit at which it does, and what it is told."""

    run_id: str
    visit: int
    told: dict[str, Any]


def awaited_id(run: Run) -> str:
    """The id of the event by which a run asks for the one whose end it waits for."""
    return f"{_MARK}{run.id}_{run.visit}"


def kept_of(message_id: str) -> dict[str, Any] | None:
    """What the run remembers that an event starts, where somebody waits for its end."""
    return {KEPT: {"by": message_id}} if message_id.startswith(_MARK) else None


def waiters_of_ended(runs: Iterable[Run]) -> Iterator[tuple[Waiter, datetime]]:
    """Who waits for runs that are over, and when they were."""
    for run in runs:
        asked = (run.kept or {}).get(KEPT)
        if asked is not None and run.ended_at is not None:
            yield _waiter(asked["by"], {"outcome": run.outcome, "run": run.id}), run.ended_at


def waiters_of_refused(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Waiter, datetime]]:
    """Who waits for runs that will never be, from the journal's lines about them, and since when that is known."""
    for row in rows:
        message_id = str(row["data"].get("message_id", ""))
        if message_id.startswith(_MARK):
            yield _waiter(message_id, {"outcome": REFUSED, "code": row["code"]}), row["at"]


def _waiter(message_id: str, told: dict[str, Any]) -> Waiter:
    run_id, _, visit = message_id.removeprefix(_MARK).rpartition("_")
    return Waiter(run_id, int(visit), told)
