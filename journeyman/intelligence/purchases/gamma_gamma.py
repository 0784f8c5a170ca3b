"""Gamma-Gamma: what an order of a customer is worth, out of few of them (Fader & Hardie 2013, note on the model).

Orders of a customer vary about a mean of her own, and the means of customers vary; what is expected of her lies between
her own mean and everybody's. Only customers who have ordered again are fitted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from journeyman.intelligence.purchases.histories import Floats

LARGEST = 14.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fit; `gamma` is in the currency of the orders."""

    p: float
    q: float
    gamma: float
    log_likelihood: float

    @property
    def mean(self) -> float:
        """What an order of anybody is worth on average."""
        return self.p * self.gamma / (self.q - 1)

    def expected(self, orders: Floats, mean: Floats) -> Floats:
        """What the next order of each customer is expected to be worth, who had `orders` of this `mean`."""
        return np.asarray((self.gamma + mean * orders) * self.p / (self.p * orders + self.q - 1), dtype=np.float64)


def fit(orders: ArrayLike, mean: ArrayLike) -> GammaGamma:
    """The parameters under which these means are likeliest; orders that are worth nothing are left out.

    Raises `ValueError` without any customer.
    """
    x, z = np.asarray(orders, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    fine = np.isfinite(x) & np.isfinite(z) & (x > 0) & (z > 0)
    x, z = x[fine], z[fine]
    if not len(x):
        raise ValueError("no customer has ordered again for money")
    found = minimize(
        _loss,
        np.log([1.0, 2.0, float(np.mean(z))]),
        args=(x, z),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LARGEST, LARGEST)] * 3,
        options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 500},
    )
    p, q, gamma = (float(one) for one in np.exp(found.x))
    return GammaGamma(p, q, gamma, -float(found.fun) * len(x))


def _loss(logs: Floats, x: Floats, z: Floats) -> tuple[float, Floats]:
    """The mean negative log-likelihood and its gradient by the logarithms of the parameters."""
    p, q, gamma = parameters = np.exp(logs)
    whole, spent = p * x, gamma + x * z
    values = gammaln(whole + q) - gammaln(whole) - gammaln(q) + q * np.log(gamma)
    values = values + (whole - 1) * np.log(z) + whole * np.log(x) - (whole + q) * np.log(spent)
    gradient = np.array(
        [
            np.mean(x * (digamma(whole + q) - digamma(whole) + np.log(z) + np.log(x) - np.log(spent))),
            np.mean(digamma(whole + q) - digamma(q) + np.log(gamma) - np.log(spent)),
            np.mean(q / gamma - (whole + q) / spent),
        ]
    )
    return -float(np.mean(values)), -gradient * parameters
