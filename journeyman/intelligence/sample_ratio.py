"""Whether as many customers came into each arm as should have: where not, something is broken and no figure counts.

Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019.
"""

from collections.abc import Mapping
from math import erfc, exp, pi, sqrt

IMPROBABLE = 0.001
"""Below this probability a ratio is no accident."""


def ratio_probability(counts: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """How probable so uneven counts are if customers came by these weights: Pearson's chi-square test."""
    whole = sum(counts.get(arm, 0) for arm in weights)
    if whole == 0 or len(weights) < 2:  # noqa: PLR2004 - one arm has no ratio
        return 1.0
    scale = whole / sum(weights.values())
    statistic = sum((counts.get(arm, 0) - weight * scale) ** 2 / (weight * scale) for arm, weight in weights.items())
    return chi_square_above(statistic, len(weights) - 1)


def chi_square_above(statistic: float, freedom: int) -> float:
    """The probability that a chi-square of whole degrees of freedom is above `statistic` (Abramowitz, Stegun 26.4)."""
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    odd = freedom % 2
    found = erfc(sqrt(half)) if odd else exp(-half)
    term = sqrt(half / pi) * 2 * exp(-half) if odd else half * exp(-half)
    for step in range(1, (freedom - odd) // 2 + (1 if odd else 0)):
        found += term
        term *= half / (step + (0.5 if odd else 1))
    return min(found, 1.0)
