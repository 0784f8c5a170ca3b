"""What can be said of an experiment at an instant: a best guess, whether it is certain, and what follows (O4-O6)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from math import sqrt
from typing import Any, Final

from journeyman.intelligence.posteriors import Amount, Chance, Posterior, Rate, chances
from journeyman.intelligence.sample_ratio import IMPROBABLE, ratio_probability
from journeyman.intelligence.sequential import Measured, doubt, share
from journeyman.journeys.experiments.assignment import Experiment
from journeyman.journeys.experiments.repository import ArmCount
from journeyman.language.steps.split import EventMetric, Metric, Winner

WEEK: Final = timedelta(days=7)
"""People do other things on Sundays: less than a full week of customers says nothing."""
CAP: Final = 0.99
"""Amounts above this quantile of all count as it, in every arm alike."""
MINIMUM: Final = 100
"""Customers of each arm before a best guess is told where no rule says how many."""


@dataclass(frozen=True, slots=True)
class Lift:
    """By how much an arm's figure is above the holdout's (O7), with the bounds of its 95 % confidence interval."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm. `figure` is what is compared: a share of the matured customers, or their mean amount, capped.

    `best` is the probability that the arm is the best of those that may win, `loss` what choosing it costs on average
    as a share of its figure; both are None for holdouts. `lift` is against the customers who were held out.
    """

    arm: str
    holdout: bool
    weight: float
    customers: int
    matured: int
    converted: int
    rate: float | None
    revenue: float | None
    figure: float | None
    best: float | None = None
    loss: float | None = None
    lift: Lift | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was read and what follows.

    `best_guess` is the arm with the least expected loss, `significant` the one that is better than all others at the
    stated certainty however often it was looked at; either may be None. `chosen` is the arm that wins now.
    """

    at: datetime
    since: datetime
    metric: str
    arms: tuple[ArmFigures, ...]
    sample_ratio: float | None
    best_guess: str | None
    significant: str | None
    doubt: float | None
    reason: str
    chosen: str | None = None

    def to_json(self) -> dict[str, Any]:
        found = asdict(self)
        return {**found, "at": self.at.isoformat(), "since": self.since.isoformat(), "arms": list(found["arms"])}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts by arm, and the amounts of those who brought something; None where the journey has no goal."""

    counts: Sequence[ArmCount]
    amounts: Sequence[tuple[str, float]] = ()


def judge(experiment: Experiment, outcomes: Outcomes, now: datetime) -> Verdict:
    """The verdict by the experiment's rule; without a rule, figures alone."""
    figures = arm_figures(experiment, outcomes)
    metric = metric_of(experiment)
    competing = [one for one in figures if not one.holdout]
    measured = [_measured(one, outcomes, of_money=metric == "revenue") for one in competing]
    found = _chances([one for one, _ in measured])
    told = {one.arm: chance for one, chance in zip(competing, found, strict=True)}
    figures = _with_lifts(tuple(_with_chance(one, told.get(one.arm)) for one in figures), outcomes, metric)
    ratio = _ratio(experiment, figures)
    leader = max(range(len(competing)), key=lambda number: measured[number][1].mean)
    doubted = doubt([one for _, one in measured], leader) if len(competing) > 1 else 1.0
    enough = all(one.matured >= _minimum(experiment) for one in competing)
    broken = ratio is not None and ratio < IMPROBABLE
    verdict = Verdict(
        at=now,
        since=experiment.since,
        metric=metric_name(metric),
        arms=figures,
        sample_ratio=ratio,
        best_guess=min(told, key=lambda arm: told[arm].loss) if enough and not broken else None,
        significant=competing[leader].arm if enough and not broken and doubted <= 1 - _certainty(experiment) else None,
        doubt=doubted,
        reason="sample_ratio" if broken else "undecided" if enough else "not_enough",
    )
    return _concluded(experiment, verdict, now)


def _concluded(experiment: Experiment, verdict: Verdict, now: datetime) -> Verdict:
    """What follows, where the rule chooses a winner."""
    rule = experiment.split.winner
    if rule is None:
        return verdict if verdict.reason == "sample_ratio" else _because(verdict, "shown")
    if verdict.reason == "sample_ratio":
        return verdict
    if verdict.reason == "undecided" and now - rule.after.timedelta - experiment.since < WEEK:
        verdict = _because(verdict, "first_week")
    elif verdict.reason == "undecided" and (won := _won(rule, verdict)) is not None:
        return _because(verdict, "won", won)
    late = rule.deadline is not None and now >= experiment.since + rule.deadline.timedelta
    if not late or experiment.state != "running":
        return verdict
    return _because(verdict, "deadline", _at_deadline(experiment, rule, verdict))


def _won(rule: Winner, verdict: Verdict) -> str | None:
    """The arm that is certain to be better, probable enough to be best and cheap enough to choose."""
    one = next((arm for arm in verdict.arms if arm.arm == verdict.significant), None)
    if one is None or one.best is None or one.loss is None:
        return None
    return one.arm if one.best >= rule.probability and one.loss <= rule.loss else None


def _at_deadline(experiment: Experiment, rule: Winner, verdict: Verdict) -> str | None:
    if rule.then == "keep":
        return None
    seen = [one for one in verdict.arms if one.best is not None and one.matured]
    if rule.then == "control" or not seen:
        return experiment.split.control.key
    return max(seen, key=lambda one: one.best or 0.0).arm


def _because(verdict: Verdict, reason: str, chosen: str | None = None) -> Verdict:
    return replace(verdict, reason=reason, chosen=chosen)


def bandit_shares(experiment: Experiment, verdict: Verdict) -> dict[str, float] | None:
    """The share of each arm: as probable as it is the best (Thompson), and never less than an even part of `explore`.

    None where the split is no bandit.
    """
    rule = experiment.split.bandit
    if rule is None:
        return None
    arms = [one for one in verdict.arms if one.best is not None]
    floor = rule.explore / len(arms)
    return {one.arm: floor + (1 - rule.explore) * (one.best or 0.0) for one in arms}


def metric_of(experiment: Experiment) -> Metric:
    """What the arms are compared by; `conversion` where no rule says so."""
    return experiment.split.rule.metric if experiment.split.rule is not None else "conversion"


def metric_name(metric: Metric) -> str:
    return metric.event if isinstance(metric, EventMetric) else metric


def arm_figures(experiment: Experiment, outcomes: Outcomes) -> tuple[ArmFigures, ...]:
    """Every arm in the author's order, also those that nobody has got."""
    counts = {one.arm: one for one in outcomes.counts}
    capped = _capped(outcomes.amounts)
    of_money = metric_of(experiment) == "revenue"
    weights = experiment.split.weights
    found = []
    for arm in experiment.split.all_arms:
        count = counts.get(arm.key, ArmCount(arm.key, 0, 0, 0))
        rate = count.converted / count.matured if count.matured else None
        revenue = sum(capped.get(arm.key, ())) / count.matured if count.matured else None
        figure = revenue if of_money else rate
        numbers = (count.customers, count.matured, count.converted)
        found.append(ArmFigures(arm.key, arm.holdout, weights[arm.key], *numbers, rate, revenue, figure))
    return tuple(found)


def _capped(amounts: Sequence[tuple[str, float]]) -> dict[str, list[float]]:
    """The amounts by arm, none above the quantile of all."""
    ordered = sorted(amount for _, amount in amounts)
    highest = ordered[min(int(len(ordered) * CAP), len(ordered) - 1)] if ordered else 0.0
    found: dict[str, list[float]] = {}
    for arm, amount in amounts:
        found.setdefault(arm, []).append(min(amount, highest))
    return found


def _measured(one: ArmFigures, outcomes: Outcomes, *, of_money: bool) -> tuple[Posterior, Measured]:
    """An arm's figure with what is uncertain of it: Beta for shares, normal for amounts."""
    if not of_money:
        return Rate(one.converted, one.matured), share(one.converted, one.matured)
    capped = _capped(outcomes.amounts)
    every = [amount for amounts in capped.values() for amount in amounts]
    usual = sum(amount * amount for amount in every) / len(every) if every else 1.0
    mine = capped.get(one.arm, [])
    number = max(one.matured, 1)
    mean = sum(mine) / number
    spread = sum(amount * amount for amount in mine) - number * mean * mean
    # As if one customer more had brought what is usual: a spread of nothing would be certainty.
    variance = (max(spread, 0.0) + usual) / number / number
    return Amount(mean, sqrt(variance)), Measured(mean, variance)


def _chances(posteriors: Sequence[Posterior]) -> list[Chance]:
    return chances(posteriors) if len(posteriors) > 1 else [Chance(1.0, 0.0) for _ in posteriors]


def _with_chance(one: ArmFigures, chance: Chance | None) -> ArmFigures:
    if chance is None:
        return one
    relative = min(chance.loss / one.figure, 1.0) if one.figure and one.figure > 0 else 1.0
    return replace(one, best=chance.best, loss=relative)


def _with_lifts(figures: tuple[ArmFigures, ...], outcomes: Outcomes, metric: Metric) -> tuple[ArmFigures, ...]:
    """The arms with their lift over those who were held out, where there are any whose time is over."""
    held = next((one for one in figures if one.holdout and one.matured), None)
    if held is None:
        return figures
    base = _measured(held, outcomes, of_money=metric == "revenue")[1]
    found = []
    for one in figures:
        mine = _measured(one, outcomes, of_money=metric == "revenue")[1]
        difference, error = mine.mean - base.mean, 1.96 * sqrt(mine.variance + base.variance)
        lift = None if one.holdout or not one.matured else Lift(difference, difference - error, difference + error)
        found.append(replace(one, lift=lift))
    return tuple(found)


def _ratio(experiment: Experiment, figures: Sequence[ArmFigures]) -> float | None:
    """How probable the arms' sizes are; None for a bandit, which has no weights to keep to.

    After a decision everybody who draws a holdout still gets it, and of the others only those who explore.
    """
    if experiment.split.bandit is not None:
        return None
    compared = [one for one in figures if not (experiment.winner and one.holdout)]
    weights: Mapping[str, float] = {one.arm: one.weight for one in compared}
    return ratio_probability({one.arm: one.customers for one in compared}, weights)


def _minimum(experiment: Experiment) -> int:
    return experiment.split.winner.minimum if experiment.split.winner is not None else MINIMUM


def _certainty(experiment: Experiment) -> float:
    return experiment.split.winner.probability if experiment.split.winner is not None else 0.95
