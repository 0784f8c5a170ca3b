"""A verdict that holds however often it is looked at: the mixture sequential probability ratio test.

Whoever looks at a usual test every day and stops at the first good day is wrong far more often than the test says
(20 looks: 25 % instead of 5 %). Here the bound holds over all looks together (Johari, Pekelis, Walsh: "Always valid
inference", 2015 and 2022; normal mixture, with the difference of two means as the statistic).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, sqrt

EFFECT = 0.25
"""The relative difference for which the test is made quickest; it holds for all, and is slower for others."""
MOST = 700.0
"""The largest exponent that a float takes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean over customers, and the variance of that mean."""

    mean: float
    variance: float


def share(converted: int, customers: int) -> Measured:
    """A share of customers; one success and one failure are added, for no share is known for certain."""
    rate = (converted + 1) / (customers + 2)
    return Measured(converted / customers if customers else 0.0, rate * (1 - rate) / max(customers, 1))


def evidence(one: Measured, other: Measured, scale: float) -> float:
    """How many times better a difference explains what was measured than none; `scale` is the size of one expected."""
    variance = one.variance + other.variance
    mixture = scale * scale
    if variance <= 0 or mixture <= 0:
        return 1.0
    exponent = (one.mean - other.mean) ** 2 * mixture / (2 * variance * (variance + mixture))
    return sqrt(variance / (variance + mixture)) * exp(min(exponent, MOST))


def doubt(arms: Sequence[Measured], leader: int) -> float:
    """The always-valid p-value of the statement that arm `leader` is better than every other.

    Each pair is judged on its own. For one of k equal arms to seem better than all others, one pair of any ceil(k/2)
    that cover them has to deceive, which the factor allows for (union bound).
    """
    scale = EFFECT * sum(abs(arm.mean) for arm in arms) / len(arms)
    weakest = min(
        evidence(arms[leader], arm, scale) if arms[leader].mean > arm.mean else 0.0
        for number, arm in enumerate(arms)
        if number != leader
    )
    return min(1.0, ceil(len(arms) / 2) / weakest) if weakest > 0 else 1.0
