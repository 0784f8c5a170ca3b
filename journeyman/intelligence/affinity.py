"""Who buys for the sake of discounts: more of them among what she bought than among what she was shown. Pure.

A customer's share of discounted purchases is set against the share of discounted offers that she saw: whoever is shown
nothing but discounts buys nothing else. Both are shrunk (empirical Bayes, method of moments; Kleinman 1973), for on
real shopping panels the raw share of a few purchases predicts worse than the share of everybody. Where customers
differ no more than chance makes them, nobody is told from others. The levels say nothing of what a discount would
change: that needs an experiment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, Self

FEWEST: Final = 3
"""Purchases without which a customer is `medium`."""
MOST_OF_ONE: Final = 20
"""Purchases of one customer that count in what holds of everybody."""
WEAKEST: Final = 1.0
STRONGEST: Final = 500.0
"""Purchases for which what holds of everybody counts, at least and at most."""
CLEAR: Final = 3.1
"""Standard deviations above chance from which on customers differ (p < .001)."""
FARTHEST: Final = 16.0
"""The most that one customer counts for in how far customers differ, in variances of chance."""
NEAREST: Final = 0.01
"""A share is expected to lie so far from 0 and 1 at least."""
SEEN_PRIOR: Final = 10.0
"""Offers for which the share of everybody counts in what one customer saw."""
LEVELS: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Bought:
    """A customer's purchases and the offers that she saw, and how many of each were discounted."""

    purchases: int = 0
    discounted: int = 0
    seen: int = 0
    seen_discounted: int = 0


@dataclass(frozen=True, slots=True)
class Affinity:
    """A level, the score behind it (a difference of shares, from -1 to 1), and why it is that."""

    level: str
    score: float
    words: str


@dataclass(frozen=True, slots=True)
class Discounts:
    """What holds of all customers; without `strength` they differ no more than by chance.

    `shown` is the share of discounted offers, `excess` how much larger that of purchases is, `low` and `high` are the
    terciles of scores.
    """

    shown: float
    excess: float
    strength: float | None
    low: float
    high: float
    customers: int

    def seen_share(self, one: Bought) -> float:
        """The share of discounts among the offers that a customer saw."""
        return (one.seen_discounted + SEEN_PRIOR * self.shown) / (one.seen + SEEN_PRIOR)

    def expected(self, one: Bought) -> float:
        """The probability that a purchase is discounted, by what the customer saw alone."""
        return min(max(self.seen_share(one) + self.excess, NEAREST), 1 - NEAREST)

    def chance(self, one: Bought) -> float:
        """The probability that the customer's next purchase is discounted."""
        if self.strength is None:
            return self.expected(one)
        return (one.discounted + self.strength * self.expected(one)) / (one.purchases + self.strength)

    def score(self, one: Bought) -> float:
        return self.chance(one) - self.seen_share(one)

    def of(self, one: Bought) -> Affinity:
        """The customer's affinity to discounts."""
        score = self.score(one)
        if one.purchases < FEWEST:
            return Affinity("medium", score, f"fewer than {FEWEST} purchases: {one.purchases}")
        if self.strength is None:
            return Affinity("medium", score, "customers differ no more than by chance")
        level = LEVELS[(score > self.low) + (score > self.high)]
        told = f"{one.discounted} of {one.purchases} purchases with a discount"
        return Affinity(level, score, f"{told}, {self.expected(one):.0%} expected of what she saw")

    def to_json(self) -> dict[str, Any]:
        names = ("shown", "excess", "strength", "low", "high", "customers")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**value)


def learn(people: Iterable[Bought]) -> Discounts | None:
    """What holds of all customers; None where nobody has enough purchases."""
    known = [_limited(one) for one in people if one.purchases >= FEWEST]
    if not known:
        return None
    seen = sum(one.seen for one in known)
    purchases = sum(one.purchases for one in known)
    bought = sum(one.discounted for one in known) / purchases
    shown = sum(one.seen_discounted for one in known) / seen if seen else bought
    alike = Discounts(shown, 0.0, None, 0.0, 0.0, len(known))
    weighted = sum(one.purchases * alike.seen_share(one) for one in known) / purchases
    excess = bought - weighted
    alike = Discounts(shown, excess, None, 0.0, 0.0, len(known))
    strength = _strength(known, alike)
    told = Discounts(shown, excess, strength, 0.0, 0.0, len(known))
    ordered = sorted(told.score(one) for one in known)
    low, high = ordered[len(ordered) // 3], ordered[len(ordered) * 2 // 3]
    return Discounts(shown, excess, strength, low, high, len(known))


def _limited(one: Bought) -> Bought:
    """The customer with no more of each than counts, in the same shares."""
    purchases, seen = min(one.purchases, MOST_OF_ONE), min(one.seen, 10 * MOST_OF_ONE)
    discounted = round(one.discounted * purchases / one.purchases)
    return Bought(purchases, discounted, seen, round(one.seen_discounted * seen / one.seen) if one.seen else 0)


def _strength(known: Sequence[Bought], alike: Discounts) -> float | None:
    """For how many purchases what everybody does counts; None where the spread may be chance's.

    n (rate - expected)^2 / (e (1 - e)) is 1 on average by chance, and 1 + (n - 1) / (strength + 1) where customers
    differ as a Beta distribution has it.
    """
    surplus = variance = room = 0.0
    for one in known:
        expected = alike.expected(one)
        by_chance = expected * (1 - expected)
        gap = one.discounted / one.purchases - expected
        surplus += min(one.purchases * gap * gap / by_chance, FARTHEST) - 1
        variance += 2 + (1 - 6 * by_chance) / (one.purchases * by_chance)
        room += one.purchases - 1
    if surplus <= CLEAR * sqrt(max(variance, 0.0)):
        return None
    return min(max(room / surplus - 1, WEAKEST), STRONGEST)
