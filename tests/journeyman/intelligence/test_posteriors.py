"""Chances and losses against an independent reckoning: a large sample of the posteriors."""

import random
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from journeyman.intelligence.posteriors import Amount, Posterior, Rate, chances

DRAWS = 60_000


def sampled(arms: Sequence[Callable[[random.Random], float]]) -> list[tuple[float, float]]:
    """(probability to be best, expected loss) of each arm."""
    chance = random.Random(7)
    best, loss = [0] * len(arms), [0.0] * len(arms)
    for _ in range(DRAWS):
        values = [arm(chance) for arm in arms]
        top = max(values)
        best[values.index(top)] += 1
        loss = [sum_ + top - value for sum_, value in zip(loss, values, strict=True)]
    return [(one / DRAWS, two / DRAWS) for one, two in zip(best, loss, strict=True)]


def beta(one: Rate, chance: random.Random) -> float:
    return chance.betavariate(one.alpha, one.beta)


def gauss(one: Amount, chance: random.Random) -> float:
    return chance.gauss(one.mean, one.deviation)


RATES = [
    [Rate(50, 1000), Rate(60, 1000)],
    [Rate(0, 20), Rate(3, 500), Rate(400, 40_000)],
    [Rate(0, 0), Rate(1, 1), Rate(5, 9), Rate(50, 90), Rate(500, 900)],
]
AMOUNTS = [[Amount(1.0, 0.1), Amount(1.1, 0.2)], [Amount(9, 3), Amount(8, 0.01), Amount(0, 5)]]


@pytest.mark.parametrize("arms", RATES)
def test_shares_of_customers(arms: list[Rate]) -> None:
    _agree(arms, sampled([partial(beta, one) for one in arms]))


@pytest.mark.parametrize("arms", AMOUNTS)
def test_amounts(arms: list[Amount]) -> None:
    _agree(arms, sampled([partial(gauss, one) for one in arms]))


def _agree(arms: Sequence[Posterior], expected: list[tuple[float, float]]) -> None:
    found = chances(arms)
    largest = max(arm.deviation for arm in arms)
    for one, (best, loss) in zip(found, expected, strict=True):
        assert one.best == pytest.approx(best, abs=0.01)
        assert one.loss == pytest.approx(loss, abs=0.02 * largest)
    assert sum(one.best for one in found) == pytest.approx(1)


def test_equal_arms_have_equal_chances() -> None:
    for number in (2, 3, 5):
        found = chances([Rate(30, 400)] * number)
        assert [one.best for one in found] == pytest.approx([1 / number] * number)
