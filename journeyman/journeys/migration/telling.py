"""What the engine has to be told of a run that was changed under the eyes of its workflow."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from journeyman.journeys.migration.changes import Case
from journeyman.journeys.migration.repository import Outcome
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.positions import position_of, signal_of
from journeyman.journeys.runs import Run
from journeyman.language.definition import Definition


def telling(case: Case, outcome: Outcome, timer: datetime | None, visit: int) -> Iterator[EngineCommand]:
    """The workflow knew the run with this timer, at this visit. One that fires too early finds that out by itself."""
    if outcome in {"stayed", "heading"}:
        return
    if case.migration.inside == "wake":
        yield from _resumed(case)
    else:
        definition = case.definitions[case.run.definition_hash]
        yield from told(case.run, definition, timer, visit, case.after.at)


def told(run: Run, definition: Definition, timer: datetime | None, visit: int, at: datetime) -> Iterator[EngineCommand]:
    """Wake the workflow where the run is over, went elsewhere or is released; else tell it an earlier timer."""
    position = position_of(run, definition)
    if not run.is_live:
        yield _signal(run, signal_of(run, "", at))
    elif run.visit != visit or (position.until is None and run.stays):
        # A workflow that knew the run at an earlier visit is released from that one alone.
        yield _signal(run, {**signal_of(run, "", at), "visit": visit})
    elif position.timer is not None and (timer is None or position.timer < timer):
        yield _signal(run, {"run_id": run.id, "event": "", "until": position.timer.isoformat()})


def _resumed(case: Case) -> Iterator[EngineCommand]:
    """The run's own moment within the spread, so that not all go on at once (W8)."""
    run = case.run
    if not run.is_live:
        yield _signal(run, signal_of(run, "", case.before.at))
        return
    at = case.before.at + timedelta(seconds=case.migration.spread_seconds * _place(run.id))
    yield _signal(run, {"run_id": run.id, "event": "", "until": at.isoformat(), "resumed": True})


def _place(run_id: str) -> float:
    """From 0 up to 1, fixed by the run's id."""
    return int.from_bytes(sha256(run_id.encode()).digest()[:8], "big") / 2**64


def _signal(run: Run, payload: dict[str, object]) -> EngineCommand:
    return EngineCommand("signal", run.id, run.workflow_id, payload)
