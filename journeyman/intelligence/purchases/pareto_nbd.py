"""Pareto/NBD: as BG/NBD, but a customer may leave at any time (Schmittlein, Morrison & Colombo 1987).

While active a customer orders at a rate of her own, Gamma(r, alpha) over all; her life is exponential with a rate of
her own, Gamma(s, beta) over all. The likelihood is that of Fader & Hardie's note of 2005 on deriving it, equation 19.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from journeyman.intelligence.purchases.histories import Floats, Repeats

LARGEST = 12.0


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """A fit; `alpha` and `beta` are in weeks."""

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float

    def active(self, of: Repeats) -> Floats:
        """The probability that each customer has not left."""
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        left = np.log(s) - np.log(r + s + of.x) + _log_gone(r, alpha, s, beta, of)
        stayed = -(r + of.x) * np.log(alpha + of.age) - s * np.log(beta + of.age)
        return np.asarray(1 / (1 + np.exp(left - stayed)), dtype=np.float64)

    def expected(self, of: Repeats, weeks: float) -> Floats:
        """The expected number of orders within so many weeks."""
        s, ahead = self.s, self.beta + of.age
        rate = (self.r + of.x) * ahead / ((self.alpha + of.age) * (s - 1))
        return np.asarray(rate * (1 - (ahead / (ahead + weeks)) ** (s - 1)) * self.active(of), dtype=np.float64)

    def expected_of_new(self, weeks: Floats) -> Floats:
        """The expected number of repeat orders of a customer in the weeks after her first one."""
        lived = 1 - (self.beta / (self.beta + weeks)) ** (self.s - 1)
        return np.asarray(self.r * self.beta / (self.alpha * (self.s - 1)) * lived, dtype=np.float64)


def log_likelihoods(r: float, alpha: float, s: float, beta: float, of: Repeats) -> Floats:
    """The logarithm of each history's likelihood."""
    known = gammaln(r + of.x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    stays = -(r + of.x) * np.log(alpha + of.age) - s * np.log(beta + of.age)
    leaves = np.log(s) - np.log(r + s + of.x) + _log_gone(r, alpha, s, beta, of)
    return np.asarray(known + np.logaddexp(stays, leaves), dtype=np.float64)


def _log_gone(r: float, alpha: float, s: float, beta: float, of: Repeats) -> Floats:
    """The logarithm of the integral over all the times at which she may have left since her last order."""
    power = r + s + of.x
    second = np.full_like(power, s + 1) if alpha >= beta else r + of.x
    largest, apart = max(alpha, beta), abs(alpha - beta)

    def part(at: Floats) -> Floats:
        inner = hyp2f1(power, second, power + 1, apart / (largest + at))
        return np.asarray(np.log(inner) - power * np.log(largest + at), dtype=np.float64)

    early, late = part(of.last), part(of.age)
    return np.asarray(early + np.log1p(-np.exp(np.minimum(late - early, -1e-12))), dtype=np.float64)


def fit(of: Repeats) -> ParetoNbd:
    """The parameters under which these histories are likeliest. Raises `ValueError` without any customer."""
    if not of.customers:
        raise ValueError("no customer has an order")
    kinds = of.together()
    start = np.log([1.0, np.average(kinds.age, weights=kinds.n), 1.0, np.average(kinds.age, weights=kinds.n)])

    def loss(logs: Floats) -> float:
        r, alpha, s, beta = (float(one) for one in np.exp(logs))
        return -float(log_likelihoods(r, alpha, s, beta, kinds) @ kinds.n) / kinds.customers

    found = minimize(
        loss,
        start,
        method="L-BFGS-B",
        jac="3-point",
        bounds=[(-LARGEST, LARGEST)] * 4,
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500},
    )
    r, alpha, s, beta = (float(one) for one in np.exp(found.x))
    return ParetoNbd(r, alpha, s, beta, -float(found.fun) * kinds.customers)
