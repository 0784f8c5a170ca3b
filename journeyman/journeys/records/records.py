"""What is on record of one customer beside her profile and her events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from journeyman.journeys.runs import Run
from journeyman.language.facts import RunFact


@dataclass(slots=True)
class Recorded:
    """As the stores have it, and `moving`, the runs that are being moved since; they are looked at when asked for."""

    stored_runs: Sequence[RunFact] = ()
    moving: Sequence[Run] = ()

    def runs(self, journey: str) -> Iterable[RunFact]:
        found = {run.run_id: run for run in self.stored_runs if run.journey == journey}
        found |= {run.id: fact_of(run) for run in self.moving if run.journey_key == journey}
        return found.values()

    def join(self, theirs: Self) -> None:
        """Take in what is on record of a profile that is merged into this one."""
        self.stored_runs = [*self.stored_runs, *theirs.stored_runs]


def fact_of(run: Run) -> RunFact:
    return RunFact(run.id, run.journey_key, run.entered_at, run.ended_at, run.outcome)
