"""What sending brings beside sending nothing: the difference of two groups that chance made, with its bounds.

Shares of customers have Newcombe's interval (Statistics in Medicine 17, 1998, method 10), which holds for few
conversions too. Amounts have Welch's, after each customer's amount was cut at a cap that was fixed by what came before:
or the largest order decides. What a customer brought before takes out of the spread what it explains (CUPED: Deng, Xu,
Kohavi, Walker, "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data", 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

NORMAL: Final = 1.959963984540054
"""The normal distribution has 95 % between minus this and this."""
CAP: Final = 0.99
"""The quantile of earlier amounts above which an amount counts no further."""
FEWEST_BEFORE: Final = 100
"""Earlier amounts without which there is no cap."""
WORTH_IT: Final = 0.95
"""The share of the variance above which adjusting for what came before is said to bring nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one group has than the other, and the bounds of a 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether no difference lies outside the interval."""
        return self.low > 0 or self.high < 0


@dataclass(slots=True)
class Amounts:
    """What the customers of one group brought after (`y`) and before (`x`), in sums: any number in the same room."""

    customers: int = 0
    y: float = 0.0
    yy: float = 0.0
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def add(self, after: float, before: float) -> None:
        """A customer who brought something; who brought nothing is in `customers` alone."""
        self.y += after
        self.yy += after * after
        self.x += before
        self.xx += before * before
        self.xy += after * before

    @property
    def mean(self) -> float:
        return self.y / self.customers if self.customers else 0.0

    @property
    def spread(self) -> float:
        """The sum of squares around the mean, of what came after."""
        return max(self.yy - self.y * self.y / self.customers, 0.0) if self.customers else 0.0

    @property
    def spread_before(self) -> float:
        return max(self.xx - self.x * self.x / self.customers, 0.0) if self.customers else 0.0

    @property
    def together(self) -> float:
        """The sum of products around both means."""
        return self.xy - self.x * self.y / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The difference of amounts; `kept` is the share of the variance that is left, `is_adjusted` whether it counts."""

    difference: Difference
    theta: float
    kept: float
    is_adjusted: bool
    words: str


def shares_apart(one: tuple[int, int], other: tuple[int, int]) -> Difference:
    """The difference of two shares, each as (converted, customers) with customers above 0, by Newcombe's method 10."""
    first, second = one[0] / one[1], other[0] / other[1]
    low_first, high_first = wilson(*one)
    low_second, high_second = wilson(*other)
    down = sqrt((first - low_first) ** 2 + (high_second - second) ** 2)
    up = sqrt((high_first - first) ** 2 + (second - low_second) ** 2)
    return Difference(first - second, first - second - down, first - second + up)


def wilson(converted: int, customers: int) -> tuple[float, float]:
    """The bounds of a share (Wilson 1927)."""
    rate, square = converted / customers, NORMAL * NORMAL
    middle = 2 * converted + square
    reach = NORMAL * sqrt(square + 4 * converted * (1 - rate))
    below = 2 * (customers + square)
    return max((middle - reach) / below, 0.0), min((middle + reach) / below, 1.0)


def amounts_apart(one: Amounts, other: Amounts) -> Adjusted:
    """The difference of mean amounts, adjusted for what came before where that helps.

    Both groups have two customers or more. One theta holds for both: theirs within the groups, so that what sending
    did is not taken for a habit.
    """
    plain = one.spread + other.spread
    before = one.spread_before + other.spread_before
    theta = (one.together + other.together) / before if before > 0 else 0.0
    left = plain - theta * (one.together + other.together)
    kept = max(left / plain, 0.0) if plain > 0 else 1.0
    helps = kept <= WORTH_IT
    used = theta if helps else 0.0
    return Adjusted(_welch(one, other, used), theta, kept, helps, _words(kept, before, helps=helps))


def _words(kept: float, before: float, *, helps: bool) -> str:
    if before <= 0:
        return "nobody brought anything before: there is nothing to adjust for"
    told = f"variance kept {kept * 100:.1f} %"
    return f"{told}: adjusted for what customers brought before" if helps else f"{told}: adjusting brings nothing"


def _welch(one: Amounts, other: Amounts, theta: float) -> Difference:
    """Welch's interval (Biometrika 34, 1947) of the means of y - theta * x."""
    parts = [_variance_of_mean(group, theta) for group in (one, other)]
    shift = theta * (one.x / one.customers - other.x / other.customers)
    difference, variance = one.mean - other.mean - shift, sum(parts)
    if variance <= 0:
        return Difference(difference, difference, difference)
    sizes = (one.customers, other.customers)
    freedom = variance**2 / sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    reach = student(freedom) * sqrt(variance)
    return Difference(difference, difference - reach, difference + reach)


def _variance_of_mean(group: Amounts, theta: float) -> float:
    spread = group.spread - 2 * theta * group.together + theta * theta * group.spread_before
    return max(spread, 0.0) / (group.customers - 1) / group.customers


def student(freedom: float) -> float:
    """The 97.5 % quantile of Student's t, by Cornish and Fisher's series (Abramowitz, Stegun 26.7.5)."""
    z = NORMAL
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / freedom + second / freedom**2 + third / freedom**3 + fourth / freedom**4


def cap_of(before: Sequence[float]) -> float | None:
    """The amount above which a customer's counts no further, from earlier amounts alone; None where they are few."""
    ordered = sorted(amount for amount in before if amount > 0)
    return ordered[ceil(len(ordered) * CAP) - 1] if len(ordered) >= FEWEST_BEFORE else None
