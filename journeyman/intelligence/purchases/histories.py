"""Customers' orders as the models of repeat purchases read them: how many came again, when the last did, for how long.

Time is in weeks. Orders of one day are one (Fader, Hardie & Lee 2005), so nobody can have more than one a day, and a
customer with a million orders weighs as one who orders daily. Customers who cannot be are left out and counted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Repeats:
    """One entry for each customer, or for each kind of history with how many customers have it.

    `x` is how many orders came after the first, `last` the weeks from the first to the last of them (0 without any),
    `age` the weeks from the first order to the end of what was watched, `n` how many customers.
    """

    x: Floats
    last: Floats
    age: Floats
    n: Floats

    @property
    def customers(self) -> int:
        return int(self.n.sum())

    def together(self) -> "Repeats":
        """The same customers with equal histories as one entry: a fit needs each kind once."""
        kinds, place = np.unique(np.stack([self.x, self.last, self.age]), axis=1, return_inverse=True)
        n = np.bincount(place.ravel(), weights=self.n).astype(np.float64)
        return Repeats(kinds[0], kinds[1], kinds[2], n)


def repeats(x: ArrayLike, last: ArrayLike, age: ArrayLike) -> tuple[Repeats, int]:
    """Histories of customers that can be, and how many were left out.

    Left out are figures that are no numbers, negative or infinite, a last order after the end (in the future), and a
    last one without any.
    """
    given = np.stack([np.asarray(one, dtype=np.float64) for one in (x, last, age)])
    fine = np.isfinite(given).all(axis=0) & (given >= 0).all(axis=0)
    count, latest, whole = np.where(fine, given, 0.0)
    fine &= (latest <= whole) & (whole > 0) & ((count > 0) == (latest > 0))
    count, latest, whole = count[fine], latest[fine], whole[fine]
    most = np.floor(whole * DAYS) + 1
    return Repeats(np.minimum(count, most), latest, whole, np.ones(len(whole))), int((~fine).sum())
