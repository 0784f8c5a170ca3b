"""What a run does that others may start on or end by, told through the inbox in the transaction that does it.

Only what somebody listens to is told: journeys that start on another one, and whatever watches an attribute that an
`update` has changed. Each telling has an id made of the run and the visit, so that it comes once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from journeyman.customers.attributes import Change
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.json_text import dump
from journeyman.journeys.kept import recall
from journeyman.journeys.runs import Run
from journeyman.language.starters.journey import ENDED, STEP_LEFT, STEP_REACHED, JourneyEntry

CHANGE: Final = "change"
JOURNEY: Final = "journey"
MADE_BY_RUNS: Final = frozenset({CHANGE, JOURNEY})
"""The types of these events; the door lets none of them in."""
CHANGED: Final = "Attributes Changed"
MOST_DEEP: Final = 10
"""So many runs may start one another before a loop is taken for one."""
DEPTH: Final = "depth"
"""The name under which a run remembers how many runs have led to it."""


def depth_of(run: Run) -> int:
    """How many runs have led to this one, each started by what the one before did."""
    depth: int = recall(run, DEPTH).get("runs", 0)
    return depth


def changed(run: Run, changes: Sequence[Change], at: datetime) -> Incoming:
    """An `update` of the run has changed the profile."""
    told = [{"attribute": one.attribute, "from": one.old, "to": one.new} for one in changes]
    return _event(run, f"change_{run.id}_{run.visit}", CHANGE, CHANGED, at, {"changes": told})


def moves(runs: Iterable[Run], followed: Mapping[str, Collection[JourneyEntry]]) -> list[Incoming]:
    """Where these runs have come to, as far as a journey starts on it."""
    return [
        event for run in runs if run.trail or run.ended_now for event in _of(run, followed.get(run.journey_key, ()))
    ]


def _of(run: Run, followers: Collection[JourneyEntry]) -> Iterator[Incoming]:
    if not followers:
        return
    steps = {(one.event, one.step) for one in followers}
    for word, step, visit, at in run.trail:
        name = STEP_REACHED if word == "reached" else STEP_LEFT
        if (name, step) in steps:
            yield _event(run, f"journey_{run.id}_{visit}_{word}", JOURNEY, name, at, _entry(run, step=step))
    if run.ended_now and run.ended_at is not None and (ENDED, None) in steps:
        yield _event(run, f"journey_{run.id}_ended", JOURNEY, ENDED, run.ended_at, _entry(run, outcome=run.outcome))


def _entry(run: Run, **more: str | None) -> dict[str, Any]:
    """The run's own entry, with where it came from in place of where the run itself came from."""
    return {**run.entry, "from": {"journey": run.journey_key, "run": run.id, **more}}


def _event(run: Run, message_id: str, kind: str, name: str, at: datetime, properties: dict[str, Any]) -> Incoming:
    payload = {"type": kind, "name": name, "customerId": run.customer_id, "properties": properties}
    text = dump({**payload, "depth": depth_of(run) + 1}).decode()
    return Incoming(f"c:{run.customer_id}", message_id, at, text)
