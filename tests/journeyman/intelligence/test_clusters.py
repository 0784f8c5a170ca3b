"""Clusters of interests: planted ones are found and named, and where there are none, none are told."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import adjusted_rand_score

from journeyman.intelligence.clusters import FEWEST, find

SEEDS = range(5)
CATEGORIES = [f"category {number}" for number in range(24)]
GROUPS = 4


def shop(seed: int, number: int = 300, *, signal: bool = True) -> tuple[csr_matrix, list[int]]:
    """Counts, and the group that each customer is of; each group likes six of the categories."""
    chance = np.random.default_rng(seed)
    groups = chance.integers(0, GROUPS, number)
    rates = np.full((number, len(CATEGORIES)), 1.0)
    if signal:
        rates[:] = 0.25
        for place, group in enumerate(groups):
            rates[place, group * 6 : group * 6 + 6] = 2.5
    activity = chance.gamma(3, 1 / 3, (number, 1))
    return csr_matrix(chance.poisson(rates * activity)), [int(one) for one in groups]


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_clusters_are_found_and_named(seed: int) -> None:
    counts, groups = shop(seed)
    found = find(counts, CATEGORIES)
    assert len(found.clusters) == GROUPS
    assert adjusted_rand_score(groups, found.labels) > 0.8
    likes = {frozenset(CATEGORIES.index(name) // 6 for name in one.categories) for one in found.clusters}
    assert likes == {frozenset({group}) for group in range(GROUPS)}
    assert sum(one.customers for one in found.clusters) == len(groups)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_clusters_none_are_told(seed: int) -> None:
    found = find(shop(seed, signal=False)[0], CATEGORIES)
    assert found.clusters == ()
    assert found.words.startswith("no stable clusters")


def test_forty_customers_are_not_enough_data() -> None:
    found = find(shop(1, 40)[0], CATEGORIES)
    assert found.words == f"not enough data: needs {FEWEST} customers with interests in 2 categories or more, has 40"


def test_the_same_counts_give_the_same_clusters() -> None:
    counts, _ = shop(2)
    assert find(counts, CATEGORIES) == find(counts, CATEGORIES)


def test_a_customer_with_a_million_events_and_one_who_is_no_number_change_nobody_elses_cluster() -> None:
    counts, groups = shop(3)
    poisoned = counts.astype(np.float64).tolil()
    poisoned[0, :] = 1_000_000.0
    poisoned[1, 0] = np.nan
    found = find(poisoned.tocsr(), CATEGORIES)
    before = find(counts, CATEGORIES)
    assert adjusted_rand_score(before.labels[2:], found.labels[2:]) > 0.97
    assert len(found.labels) == len(groups)
