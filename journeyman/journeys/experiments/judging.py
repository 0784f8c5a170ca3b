"""Judging experiments: figures on demand, a verdict as often as the rule needs, and decisions, which may turn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.documents import repository as documents
from journeyman.journeys.experiments import repository
from journeyman.journeys.experiments.assignment import Experiment
from journeyman.journeys.experiments.publishing import look_again
from journeyman.journeys.experiments.repository import Window
from journeyman.journeys.experiments.verdicts import Outcomes, Verdict, bandit_shares, judge, metric_of
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError

DAILY: Final = timedelta(days=1)
HOURLY: Final = timedelta(hours=1)
"""How often a bandit learns."""
WITHOUT_RULE: Final = timedelta(days=30)
"""How long a customer has where no rule says so, for the figures that are shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """When an experiment is to be judged again, None where that is not needed, and what was found, in words."""

    again_at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An experiment with its figures at this moment; `assigned` counts the runs that each arm was given at all."""

    experiment: Experiment
    verdict: Verdict
    assigned: dict[str, int]


class Judging:
    """Judges experiments, shows them, and takes decisions by hand."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def look(self, journey: str, step: str, at: datetime | None = None) -> Look:
        """Judge the experiment of a step as it stands now, or at `at` where that is later, and do what follows."""
        now = max(self.clock.now(), at) if at is not None else self.clock.now()
        async with self.database.transaction() as connection:
            experiment = await self._open(connection, journey, step)
            if experiment is None or experiment.split.rule is None:
                return Look(None, "there is nothing to judge")
            if experiment.state == "decided" and not (experiment.winner and experiment.explore):
                return Look(None, f"decided: {experiment.winner or 'on as before'}")
            verdict = await _verdict(connection, experiment, now)
            await repository.change(connection, experiment.id, **_consequences(experiment, verdict))
        return _next_look(experiment, verdict, now)

    async def of(self, journey: str) -> list[Shown]:
        """Every experiment of a journey, the newest first. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            if await documents.journey(connection, journey) is None:
                raise NotFoundError(f"there is no journey `{journey}`")
            found = await repository.of_journey(connection, journey)
            now = self.clock.now()
            return [
                Shown(one, await _verdict(connection, one, now), await repository.shown(connection, one.id))
                for one in found
            ]

    async def decide(self, journey: str, step: str, arm: str, by: str) -> Shown:
        """Send everybody to an arm from now on.

        Raises `NotFoundError` where no experiment is under way there, and `InvalidError` for an arm that cannot win.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            experiment = await self._open(connection, journey, step)
            if experiment is None:
                raise NotFoundError(f"no experiment is under way at step `{step}` of journey `{journey}`")
            _must_be_eligible(experiment, arm)
            if experiment.winner == arm:
                raise ConflictError(f"`{arm}` is the winner already")
            verdict = await _verdict(connection, experiment, now)
            await repository.change(connection, experiment.id, **_decided(experiment, verdict, arm, by))
            await look_again(connection, journey, [step], now)
            changed = await repository.lock(connection, experiment.id) or experiment
            return Shown(changed, verdict, await repository.shown(connection, experiment.id))

    @staticmethod
    async def _open(connection: AsyncConnection, journey: str, step: str) -> Experiment | None:
        """The experiment that is under way at a step, locked."""
        found = await repository.of_journey(connection, journey, step)
        open_ = next((one for one in found if one.state != "ended"), None)
        return await repository.lock(connection, open_.id) if open_ is not None else None


async def _verdict(connection: AsyncConnection, experiment: Experiment, now: datetime) -> Verdict:
    rule = experiment.split.rule
    window = Window(experiment, rule.after.timedelta if rule is not None else WITHOUT_RULE, now)
    counts = await repository.counts(connection, window, metric_of(experiment))
    return judge(experiment, Outcomes(counts, await repository.amounts(connection, window)), now)


def _consequences(experiment: Experiment, verdict: Verdict) -> dict[str, Any]:
    """What is written after a look: always what was read, and what it led to."""
    seen = {"judged": verdict.to_json(), "judged_at": verdict.at, "shares": bandit_shares(experiment, verdict)}
    is_over = verdict.reason in {"won", "deadline"}
    if is_over and (verdict.chosen != experiment.winner or verdict.chosen is None):
        return {**seen, **_decided(experiment, verdict, verdict.chosen, verdict.reason)}
    return seen


def _decided(experiment: Experiment, verdict: Verdict, arm: str | None, by: str) -> dict[str, Any]:
    """A decision with all values read. Evidence for another one begins anew with it (O5)."""
    decision = {"at": verdict.at.isoformat(), "arm": arm, "by": by, "read": verdict.to_json()}
    since = verdict.at if arm is not None else experiment.since
    return {"state": "decided", "winner": arm, "since": since, "decisions": [*experiment.decisions, decision]}


def _next_look(experiment: Experiment, verdict: Verdict, now: datetime) -> Look:
    rule = experiment.split.winner
    words = f"{verdict.reason}: {verdict.chosen or verdict.best_guess or 'no arm yet'}"
    if verdict.reason in {"won", "deadline"} and not (verdict.chosen and experiment.explore):
        return Look(None, words)
    again = now + (HOURLY if rule is None else DAILY)
    if rule is not None and rule.deadline is not None and experiment.state == "running":
        again = min(again, max(experiment.since + rule.deadline.timedelta, now + HOURLY))
    return Look(again, words)


def _must_be_eligible(experiment: Experiment, arm: str) -> None:
    keys = [one.key for one in experiment.split.candidates]
    if arm not in keys:
        fault = Fault("/arm", f"there is no arm `{arm}` that may win", f"Write one of: {', '.join(keys)}")
        raise InvalidError("the arm cannot win", [fault])
