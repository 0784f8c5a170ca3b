"""sBG: how many of those who subscribed are still there, and will be.

Fader & Hardie 2007, "How to project customer retention", Journal of Interactive Marketing 21(1), 76-90.

At each renewal a customer leaves with a chance of her own, Beta(alpha, beta) over all. Retention rises with age not
because anybody becomes loyal, but because those who were likely to leave have left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from journeyman.intelligence.purchases.histories import Floats

LARGEST = 10.0


@dataclass(frozen=True, slots=True)
class Retention:
    """A fit."""

    alpha: float
    beta: float
    log_likelihood: float

    def survival(self, renewals: int) -> Floats:
        """The share of customers who are there at the beginning and after each of so many renewals."""
        return _survival(self.alpha, self.beta, renewals)


def fit(there: Sequence[float]) -> Retention:
    """The likeliest parameters, where `there` is how many were there at the beginning and after each renewal.

    Raises `ValueError` where there are no two of them, or where more come back than were there.
    """
    counts = np.asarray(there, dtype=np.float64)
    lost = -np.diff(counts)
    if len(counts) < 2 or not np.isfinite(counts).all() or (lost < 0).any() or counts[0] <= 0:  # noqa: PLR2004 - a begin and an end
        raise ValueError("give how many were there at the beginning and after each renewal, none of them more")

    def loss(logs: Floats) -> float:
        share = _survival(float(np.exp(logs[0])), float(np.exp(logs[1])), len(lost))
        gone = np.maximum(-np.diff(share), 1e-300)
        return -float(lost @ np.log(gone) + counts[-1] * np.log(share[-1])) / float(counts[0])

    found = minimize(
        loss, np.zeros(2), method="L-BFGS-B", jac="3-point", bounds=[(-LARGEST, LARGEST)] * 2, options={"ftol": 1e-14}
    )
    alpha, beta = (float(one) for one in np.exp(found.x))
    return Retention(alpha, beta, -float(found.fun) * float(counts[0]))


def _survival(alpha: float, beta: float, renewals: int) -> Floats:
    """Equation 6: retention at the t-th renewal is (beta + t - 1) / (alpha + beta + t - 1)."""
    at = np.arange(renewals, dtype=np.float64)
    return np.concatenate([[1.0], np.cumprod((beta + at) / (alpha + beta + at))])
