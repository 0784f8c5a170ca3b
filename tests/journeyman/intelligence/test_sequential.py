"""O4: what is told to be certain is certain, however often it was looked at; the truth is known here."""

import random

import pytest

from journeyman.intelligence.sequential import doubt, share

LOOKS, A_LOOK = 20, 500
"""Looks at a trial, and customers of each arm who come between two of them."""


def significant(rates: list[float], seed: int) -> int | None:
    """The arm that the first look tells to be better than all others at 95 %."""
    chance = random.Random(seed)
    converted = [0] * len(rates)
    for look in range(1, LOOKS + 1):
        converted = [before + _binomial(chance, rate) for before, rate in zip(converted, rates, strict=True)]
        leader = max(range(len(rates)), key=lambda arm: converted[arm])
        if doubt([share(one, look * A_LOOK) for one in converted], leader) <= 0.05:
            return leader
    return None


def _binomial(chance: random.Random, rate: float) -> int:
    return sum(chance.random() < rate for _ in range(A_LOOK))


@pytest.mark.parametrize("rates", [[0.05, 0.05], [0.3, 0.3], [0.05, 0.05, 0.05]])
def test_o4_of_equal_arms_one_is_seldom_called_better_in_twenty_looks(rates: list[float]) -> None:
    trials = 200
    false = sum(significant(rates, seed) is not None for seed in range(trials))
    assert false / trials <= 0.05


def test_o4_the_right_arm_is_found_and_the_wrong_one_hardly_ever() -> None:
    found = [significant([0.05, 0.065], seed) for seed in range(60)]
    decided = [arm for arm in found if arm is not None]
    assert len(decided) / len(found) >= 0.8
    assert decided.count(1) / len(decided) >= 0.95


def test_nothing_seen_is_no_evidence() -> None:
    assert doubt([share(0, 0), share(0, 0)], 0) == 1.0
    assert doubt([share(0, 500), share(0, 500)], 1) == 1.0
