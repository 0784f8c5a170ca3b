"""`repeat`: back to a step, at most so often or for so long."""

from datetime import datetime

from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.migration.transfer import SENT
from journeyman.journeys.moves import arrive
from journeyman.journeys.stage import Stage
from journeyman.language.steps.repeat import Repeat, RepeatStep

KEPT = "repeats"
"""Under this a run remembers, by step, how often it has gone back and since when."""


async def take(stage: Stage, step: RepeatStep) -> None:
    """Go back, or on where it was often or long enough."""
    run, at = stage.run, stage.scene.at
    turns = recall(run, KEPT)
    counted = turns.get(step.id, {"times": 0, "since": at.isoformat()})
    times, since = int(counted["times"]), datetime.fromisoformat(counted["since"])
    others = {name: one for name, one in turns.items() if name != step.id}
    read = {"times": times, "since": since}
    if _may_again(step.repeat, times, since, at):
        remember(run, KEPT, {**others, step.id: {"times": times + 1, "since": since.isoformat()}})
        remember(run, SENT, {})  # It goes round as the author wants it, and gets its messages again.
        target: str | None = step.repeat.to
        code = "again"
    else:
        remember(run, KEPT, others)
        target, code = stage.definition.after(step), "enough"
    run.write(Entry("left", at, step.id, run.visit, code, {**read, "next": target or "end"}))
    arrive(run, target, stage.scene)


def _may_again(repeat: Repeat, times: int, since: datetime, at: datetime) -> bool:
    often_enough = repeat.max is not None and times >= repeat.max
    long_enough = repeat.for_ is not None and at - since >= repeat.for_.timedelta
    return not often_enough and not long_enough
