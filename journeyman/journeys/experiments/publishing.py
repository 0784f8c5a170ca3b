"""What publishing and stopping a journey means for its experiments (O8)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as outbox
from journeyman.journeys.experiments import repository
from journeyman.journeys.experiments.assignment import Experiment, experiment_id, workflow_id
from journeyman.journeys.ports import EngineCommand
from journeyman.language.definition import Definition
from journeyman.language.steps.split import Split, SplitStep

SAME = 1e-9
"""Shares that differ by less are the same, written in other numbers."""


async def follow_publication(
    connection: AsyncConnection, definition: Definition, at: datetime, *, is_trial: bool = False
) -> None:
    """Begin experiments that are new, go on with those that are there, end those whose split is gone.

    As long as a share of customers tries the version, none ends: the others are in the version before.
    """
    journey = definition.journey
    known = {one.id: one for one in await repository.of_journey(connection, journey)}
    wanted: dict[str, SplitStep] = {
        experiment_id(journey, step.id, step.split): step for step in definition.steps if isinstance(step, SplitStep)
    }
    for found_id, step in wanted.items():
        if found_id in known:
            await repository.change(connection, found_id, **_revived(known[found_id], step.split, at))
        else:
            new = Experiment(found_id, journey, step.id, "running", step.split, 1, at, at)
            await repository.add(connection, new)
    gone = [one for one in known.values() if one.id not in wanted and one.state != "ended" and not is_trial]
    await _end(connection, gone, at)
    judged = {step.id for step in wanted.values() if step.split.rule is not None} | {one.step for one in gone}
    await look_again(connection, journey, judged, at)


async def follow_stop(connection: AsyncConnection, journey: str, at: datetime) -> None:
    """Nobody enters any more: nothing is decided any more either. Publishing goes on where it was."""
    open_ = [one for one in await repository.of_journey(connection, journey) if one.state != "ended"]
    await _end(connection, open_, at)
    await look_again(connection, journey, {one.step for one in open_}, at)


async def look_again(connection: AsyncConnection, journey: str, steps: Iterable[str], at: datetime) -> None:
    """Have the engine judge these experiments now, and from then on as often as they need."""
    commands = [
        EngineCommand("experiment", step, workflow_id(journey, step), {"journey": journey, "step": step})
        for step in sorted(steps)
    ]
    await outbox.tell(connection, commands, at)


async def _end(connection: AsyncConnection, gone: Iterable[Experiment], at: datetime) -> None:
    for one in gone:
        await repository.change(connection, one.id, state="ended", ended_at=at)


def _revived(known: Experiment, split: Split, at: datetime) -> dict[str, Any]:
    """What changes of an experiment that is published again.

    Other weights are another phase: what came before was drawn otherwise and is no evidence for it; who has an arm
    keeps it.
    """
    before, after = known.split.weights, split.weights
    if any(abs(before[arm] - after[arm]) > SAME for arm in after):
        phase = {"phase": known.phase + 1, "since": at, "winner": None, "shares": None}
        return {"split": split, "state": "running", "ended_at": None, **phase}
    told = known.decisions[-1] if known.state != "running" and known.decisions else None
    is_settled = known.winner is not None or (told is not None and known.split.rule == split.rule)
    shares = known.shares if split.bandit is not None else None
    return {"split": split, "state": "decided" if is_settled else "running", "ended_at": None, "shares": shares}
