"""How good each of some arms may be, and what choosing one of them may cost.

Conversions: Beta-Bernoulli with a flat prior. Amounts: a normal posterior of the mean, by the central limit theorem;
the amounts have to be capped before, or the largest order decides. The chance to be best and the expected loss (Chris
Stucchio, "Bayesian A/B testing at VWO", 2015) are integrals over the arms' posteriors, reckoned on one grid: no
sampling, so the same figures always give the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from typing import Protocol

REACH = 12.0
"""Standard deviations around a mean on which the grid lies; a Beta with no success has a long tail."""
POINTS = 400
"""Points of the grid for each arm."""


class Posterior(Protocol):
    """What is known of one arm's figure."""

    @property
    def mean(self) -> float: ...
    @property
    def deviation(self) -> float: ...
    @property
    def bounds(self) -> tuple[float, float]: ...
    def log_density(self, at: float) -> float:
        """The logarithm of the density."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of customers: so many of so many."""

    converted: float
    customers: float

    @property
    def alpha(self) -> float:
        return self.converted + 1

    @property
    def beta(self) -> float:
        return self.customers - self.converted + 1

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def deviation(self) -> float:
        return sqrt(self.mean * (1 - self.mean) / (self.alpha + self.beta + 1))

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def log_density(self, at: float) -> float:
        of_success = (self.alpha - 1) * _log(at) if self.alpha > 1 else 0.0
        of_failure = (self.beta - 1) * _log(1 - at) if self.beta > 1 else 0.0
        return lgamma(self.alpha + self.beta) - lgamma(self.alpha) - lgamma(self.beta) + of_success + of_failure


@dataclass(frozen=True, slots=True)
class Amount:
    """A mean over customers with its standard error."""

    mean: float
    deviation: float

    @property
    def bounds(self) -> tuple[float, float]:
        return -inf, inf

    def log_density(self, at: float) -> float:
        return -(((at - self.mean) / self.deviation) ** 2) / 2 - log(self.deviation)


def _log(value: float) -> float:
    return log(value) if value > 0 else -inf


@dataclass(frozen=True, slots=True)
class Chance:
    """An arm's probability to be the best, and what choosing it costs on average, in the figure's own unit."""

    best: float
    loss: float


def chances(arms: Sequence[Posterior]) -> list[Chance]:
    """The chance and the loss of each arm, in their order."""
    grid = _grid(arms)
    densities = [_density(arm, grid) for arm in arms]
    below = [_cumulated(density, grid) for density in densities]
    largest = [1.0] * len(grid)
    for one in below:
        largest = [product * share for product, share in zip(largest, one, strict=True)]
    expected_best = _mean(largest, grid)
    wins = [_wins(number, densities, below, grid) for number in range(len(arms))]
    whole = sum(wins)
    return [
        Chance(win / whole, max(expected_best - _mean(one, grid), 0.0)) for win, one in zip(wins, below, strict=True)
    ]


def _grid(arms: Sequence[Posterior]) -> list[float]:
    """Points that lie close together wherever an arm's posterior is narrow."""
    points = set[float]()
    for arm in arms:
        low = max(arm.mean - REACH * arm.deviation, arm.bounds[0])
        high = min(arm.mean + REACH * arm.deviation, arm.bounds[1])
        points |= {low + (high - low) * place / POINTS for place in range(POINTS + 1)}
    return sorted(points)


def _density(arm: Posterior, grid: Sequence[float]) -> list[float]:
    """The density on the grid, made to come to 1 there."""
    logs = [arm.log_density(point) for point in grid]
    top = max(logs)
    raw = [exp(one - top) for one in logs]
    whole = sum(_areas(raw, grid))
    return [one / whole for one in raw]


def _areas(values: Sequence[float], grid: Sequence[float]) -> list[float]:
    """The area under each piece of a curve, by trapezia."""
    return [(values[i] + values[i + 1]) / 2 * (grid[i + 1] - grid[i]) for i in range(len(grid) - 1)]


def _cumulated(density: Sequence[float], grid: Sequence[float]) -> list[float]:
    found = [0.0]
    for area in _areas(density, grid):
        found.append(found[-1] + area)
    return found


def _mean(below: Sequence[float], grid: Sequence[float]) -> float:
    """The mean of what has this distribution function on the grid."""
    return grid[-1] - sum(_areas(below, grid))


def _wins(
    number: int, densities: Sequence[Sequence[float]], below: Sequence[Sequence[float]], grid: Sequence[float]
) -> float:
    """How probable it is that all others are below this arm."""
    together = list(densities[number])
    for other, one in enumerate(below):
        if other != number:
            together = [product * share for product, share in zip(together, one, strict=True)]
    return sum(_areas(together, grid))
