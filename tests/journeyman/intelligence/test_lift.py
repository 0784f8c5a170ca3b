"""Differences with their bounds: against scipy and a printed table, and in worlds of which the truth is known."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from journeyman.intelligence.lift import Amounts, amounts_apart, cap_of, shares_apart, student, wilson

SEEDS = range(5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_own_table(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    """Table II of the paper of 1998, method 10."""
    found = shares_apart(one, other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize("freedom", [6, 10, 40.5, 1000])
def test_students_quantile(freedom: float) -> None:
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=0.002)


def test_a_share_of_none_and_of_all_have_bounds() -> None:
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0


def group(pairs: Sequence[tuple[float, float]]) -> Amounts:
    found = Amounts(len(pairs))
    for after, before in pairs:
        found.add(after, before)
    return found


def people(chance: random.Random, number: int, lift: float, habit: float) -> list[tuple[float, float]]:
    """(after, before): one in three buys at all; `habit` is how much of an amount is the customer's own."""
    found = []
    for _ in range(number):
        own = chance.expovariate(1 / 30) if chance.random() < 1 / 3 else 0.0
        before = habit * own + (1 - habit) * chance.expovariate(1 / 10)
        found.append((habit * own + (1 - habit) * chance.expovariate(1 / 10) + lift, before))
    return found


def test_without_adjusting_it_is_welchs_interval() -> None:
    chance = random.Random(1)
    one, other = people(chance, 300, 1.0, 0.0), people(chance, 200, 0.0, 0.0)
    found = amounts_apart(group(one), group(other))
    told = stats.ttest_ind([y for y, _ in one], [y for y, _ in other], equal_var=False).confidence_interval()
    assert not found.is_adjusted
    assert (found.difference.low, found.difference.high) == pytest.approx((told.low, told.high), abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_came_before_narrows_the_interval_around_the_truth(seed: int) -> None:
    chance = random.Random(f"cuped/{seed}")
    one, other = people(chance, 3000, 2.0, 0.8), people(chance, 3000, 0.0, 0.8)
    found = amounts_apart(group(one), group(other))
    y, x = (np.array([pair[place] for pair in other]) for place in (0, 1))
    assert found.is_adjusted
    assert found.kept == pytest.approx(1 - np.corrcoef(x, y)[0, 1] ** 2, abs=0.05)
    assert found.words.startswith("variance kept ")
    assert found.difference.difference == pytest.approx(2.0, abs=0.35)
    assert found.difference.is_certain


@pytest.mark.parametrize("seed", SEEDS)
def test_where_what_came_before_says_nothing_it_is_told_so(seed: int) -> None:
    chance = random.Random(f"no habit/{seed}")
    one, other = people(chance, 2000, 0.0, 0.0), people(chance, 2000, 0.0, 0.0)
    found = amounts_apart(group(one), group(other))
    assert not found.is_adjusted
    assert found.kept > 0.99
    assert found.words.endswith("adjusting brings nothing")
    plain = sum(y for y, _ in one) / 2000 - sum(y for y, _ in other) / 2000
    assert found.difference.difference == pytest.approx(plain)


@pytest.mark.parametrize("habit", [0.0, 0.8])
def test_of_equal_groups_one_in_twenty_seems_to_differ(habit: float) -> None:
    chance = random.Random(f"equal/{habit}")
    trials = 300
    groups = [[group(people(chance, 150, 0.0, habit)) for _ in range(2)] for _ in range(trials)]
    wrong = sum(amounts_apart(*pair).difference.is_certain for pair in groups)
    assert 0.02 <= wrong / trials <= 0.08


def test_nobody_who_brought_anything_before_is_nothing_to_adjust_for() -> None:
    found = amounts_apart(group([(1.0, 0.0), (2.0, 0.0)]), group([(1.0, 0.0), (1.0, 0.0)]))
    assert found.words.startswith("nobody brought anything before")
    assert found.difference.difference == 0.5


def test_groups_that_brought_nothing_do_not_differ() -> None:
    found = amounts_apart(Amounts(10), Amounts(20)).difference
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)


def test_the_cap_is_a_quantile_of_what_came_before_and_of_few_there_is_none() -> None:
    assert cap_of([float(number) for number in range(201)]) == 198.0
    assert cap_of([1.0] * 99 + [0.0] * 500) is None
