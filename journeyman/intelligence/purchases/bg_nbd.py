"""BG/NBD: how often customers order again, and whether they still do.

Fader, Hardie & Lee 2005, "Counting your customers the easy way", Marketing Science 24(2), 275-284.

While active a customer orders at a rate of her own, Gamma(r, alpha) over all; after each order she may leave for good,
with a chance of her own, Beta(a, b) over all. Equation numbers are the paper's.

P(active) is no measure of churn: who never ordered again has none to leave after, so she counts as active for ever.
What is asked for is the chance of an order in a span of time (`chance`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, hyp2f1

from journeyman.intelligence.purchases.histories import Floats, Repeats

LARGEST = 12.0
"""Bounds of the logarithms of the parameters: beyond, customers hardly differ."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """A fit; `alpha` is in weeks."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def active(self, of: Repeats) -> Floats:
        """The probability that each customer has not left for good (Fader & Hardie 2008, note on P(alive))."""
        left = np.exp(
            np.log(self.a)
            - np.log(np.maximum(self.b + of.x - 1, 1e-300))
            + (self.r + of.x) * (np.log(self.alpha + of.age) - np.log(self.alpha + of.last))
        )
        return np.asarray(1 / (1 + np.where(of.x > 0, left, 0.0)), dtype=np.float64)

    def chance(self, of: Repeats, weeks: float) -> Floats:
        """The probability of at least one order within so many weeks."""
        none = np.exp((self.r + of.x) * (np.log(self.alpha + of.age) - np.log(self.alpha + of.age + weeks)))
        return np.asarray(self.active(of) * (1 - none), dtype=np.float64)

    def expected(self, of: Repeats, weeks: float) -> Floats:
        """The expected number of orders within so many weeks (equation 10)."""
        whole = self.alpha + of.age + weeks
        power = self.r + of.x
        inner = hyp2f1(power, self.b + of.x, self.a + self.b + of.x - 1, weeks / whole)
        grown = 1 - np.exp(power * (np.log(self.alpha + of.age) - np.log(whole))) * inner
        return np.asarray((self.a + self.b + of.x - 1) / (self.a - 1) * grown * self.active(of), dtype=np.float64)

    def expected_of_new(self, weeks: Floats) -> Floats:
        """The expected number of repeat orders of a customer in the weeks after her first one (equation 9)."""
        inner = hyp2f1(self.r, self.b, self.a + self.b - 1, weeks / (self.alpha + weeks))
        grown = 1 - (self.alpha / (self.alpha + weeks)) ** self.r * inner
        return np.asarray((self.a + self.b - 1) / (self.a - 1) * grown, dtype=np.float64)


def log_likelihoods(r: float, alpha: float, a: float, b: float, of: Repeats) -> Floats:
    """The logarithm of each history's likelihood (equation 6)."""
    return _terms(np.array([r, alpha, a, b]), of)[0]


def fit(of: Repeats) -> BgNbd:
    """The parameters under which these histories are likeliest. Raises `ValueError` without any customer."""
    if not of.customers:
        raise ValueError("no customer has an order")
    kinds = of.together()
    mean = np.average(kinds.age, weights=kinds.n) / (1 + np.average(kinds.x, weights=kinds.n))
    found = minimize(
        _loss,
        np.array([0.0, np.log(mean), 0.0, 0.0]),
        args=(kinds,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LARGEST, LARGEST)] * 4,
        options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 500},
    )
    r, alpha, a, b = (float(one) for one in np.exp(found.x))
    return BgNbd(r, alpha, a, b, -float(found.fun) * kinds.customers)


def _loss(logs: Floats, of: Repeats) -> tuple[float, Floats]:
    """The mean negative log-likelihood and its gradient by the logarithms of the parameters."""
    parameters = np.exp(logs)
    values, gradient = _terms(parameters, of)
    whole = of.n.sum()
    return -float(values @ of.n) / whole, -(gradient @ of.n) * parameters / whole


def _terms(parameters: Floats, of: Repeats) -> tuple[Floats, Floats]:
    """The log-likelihood of each history, and its gradient by r, alpha, a and b."""
    r, alpha, a, b = parameters
    x, again = of.x, of.x > 0
    stays = -(r + x) * np.log(alpha + of.age)
    below = np.where(again, b + x - 1, 1.0)
    leaves = np.where(again, np.log(a) - np.log(below) - (r + x) * np.log(alpha + of.last), -np.inf)
    both = np.logaddexp(stays, leaves)
    stayed, left = np.exp(stays - both), np.exp(leaves - both)
    values = (
        *(gammaln(r + x) - gammaln(r) + r * np.log(alpha),),
        *(gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x) + both,),
    )
    gradient = [
        digamma(r + x) - digamma(r) + np.log(alpha) - stayed * np.log(alpha + of.age) - left * np.log(alpha + of.last),
        r / alpha - (r + x) * (stayed / (alpha + of.age) + left / (alpha + of.last)),
        digamma(a + b) - digamma(a + b + x) + left / a,
        digamma(a + b) + digamma(b + x) - digamma(b) - digamma(a + b + x) - left / below,
    ]
    return values[0] + values[1], np.stack(gradient)
