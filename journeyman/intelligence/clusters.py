"""Which customers are interested in alike categories: clusters that come again when the customers are drawn again.

Counts of categories are weighted (TF-IDF), brought to at most 16 dimensions (truncated SVD, as in latent semantic
analysis: Deerwester et al. 1990) and clustered by k-means. How many clusters there are is asked of the data: for each
number the customers are drawn again with replacement, and the clusters compared with the first ones by the adjusted
Rand index (Hubert, Arabie 1985). A number under which that is not above 0.8 on average is not stable; without any
there are no clusters. scikit-learn is loaded here: only a process apart imports this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import adjusted_rand_score

Array = NDArray[np.float64]

FEWEST: Final = 200
"""Customers without whom there are no clusters."""
DIMENSIONS: Final = 16
MOST: Final = 8
"""Clusters at most: more of them nobody writes to."""
STABLE: Final = 0.8
DRAWS: Final = 4
"""How often the customers are drawn again for each number of clusters."""
ENOUGH: Final = 3000
"""Customers on whom stability is tried; more of them tell no more."""
NAMES: Final = 3
"""Categories that name a cluster."""
COMMON: Final = 0.1
"""The share of a cluster's customers who have to be interested in a category for it to name the cluster."""
LARGEST: Final = 50.0
"""A customer's interest in a category counts no more than that."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: its size, and the categories in which its customers are more interested than others, most first."""

    name: str
    categories: tuple[str, ...]
    customers: int


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters and the number of each customer's, in their order; `stability` is by number of clusters tried."""

    clusters: tuple[Cluster, ...]
    labels: tuple[int, ...]
    stability: dict[int, float]
    words: str


def find(counts: csr_matrix, categories: Sequence[str], seed: int = 0) -> Clusters:
    """The clusters of customers (rows) by how often each dealt with each category (columns); there may be none.

    The same counts and seed always give the same clusters.
    """
    matrix = csr_matrix(counts, dtype=np.float64)
    matrix.data = np.clip(np.nan_to_num(matrix.data, nan=0.0), 0.0, LARGEST)
    matrix.eliminate_zeros()
    number = int(np.count_nonzero(matrix.sum(axis=1)))
    if number < FEWEST or matrix.shape[1] < 2:  # noqa: PLR2004 - one category has no clusters
        told = f"not enough data: needs {FEWEST} customers with interests in 2 categories or more, has {number}"
        return Clusters((), (), {}, told)
    points = _points(matrix, seed)
    stability = _stabilities(points, seed)
    stable = [k for k, one in stability.items() if one > STABLE]
    if not stable:
        return Clusters((), (), stability, f"no stable clusters: the best comes again to {max(stability.values()):.2f}")
    k = max(stable, key=lambda one: (round(stability[one], 2), one))
    labels = _fitted(points, k, seed).predict(points)
    clusters = tuple(_named(matrix, labels == one, categories) for one in range(k))
    told = ", ".join(f"{one.name}: {one.customers:,}" for one in clusters)
    return Clusters(clusters, tuple(int(one) for one in labels), stability, told)


def _points(matrix: csr_matrix, seed: int) -> Array:
    """Customers as directions in few dimensions: what they are interested in, not how much."""
    weighted = TfidfTransformer(sublinear_tf=True).fit_transform(matrix)
    dimensions = min(DIMENSIONS, matrix.shape[1] - 1)
    reduced = TruncatedSVD(dimensions, random_state=seed).fit_transform(weighted)
    points: Array = np.asarray(reduced, dtype=np.float64)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    directions: Array = points / np.where(lengths > 0, lengths, 1.0)
    return directions


def _fitted(points: Array, k: int, seed: int) -> Any:  # noqa: ANN401 - scikit-learn has no types
    tries: Any = 2  # scikit-learn has no types: its default is a word, from which a checker takes this for text
    return KMeans(k, n_init=tries, random_state=seed).fit(points)


def _stabilities(points: Array, seed: int) -> dict[int, float]:
    """How well clusters come again when customers are drawn again, by number of clusters."""
    chance = np.random.default_rng(seed)
    some = points if len(points) <= ENOUGH else points[chance.choice(len(points), ENOUGH, replace=False)]
    found = {}
    for k in range(2, MOST + 1):
        first = _fitted(some, k, seed).predict(some)
        agreed = []
        for draw in range(DRAWS):
            again = some[chance.integers(0, len(some), len(some))]
            agreed.append(adjusted_rand_score(first, _fitted(again, k, seed + draw + 1).predict(some)))
        found[k] = float(np.mean(agreed))
    return found


def _named(matrix: csr_matrix, inside: NDArray[np.bool_], categories: Sequence[str]) -> Cluster:
    """A cluster with the categories in which more of its customers are interested than of all (lift)."""
    has = (matrix > 0).astype(np.float64)
    mine = np.asarray(has[inside].mean(axis=0)).ravel()
    every = np.asarray(has.mean(axis=0)).ravel()
    lifts = np.where(mine >= COMMON, mine / np.maximum(every, 1e-12), 0.0)
    ordered: list[int] = np.argsort(-lifts, kind="stable")[:NAMES].tolist()
    best = tuple(categories[place] for place in ordered if lifts[place] > 1)
    return Cluster(", ".join(best) or "all categories", best, int(inside.sum()))
