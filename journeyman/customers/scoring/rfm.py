"""Recency, frequency and monetary value: how lately, how often and for how much a customer bought, each from 1 to 5.

A customer has these once she has ordered. Four cut points divide each measure: a score is 1 and one more for every cut
point that she is beyond, so that customers who are equal score the same however many there are of them. Beyond means
strictly more orders, strictly more revenue, and for recency no more time than the cut point since the last order.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from journeyman.language.instants import from_microseconds, microseconds, read_instant
from journeyman.language.operators import double, is_number
from journeyman.language.standing import RFM_GROUPS, RfmGroup

DAY: Final = 86_400_000_000
"""Microseconds."""
HIGHEST: Final = 5

Group = RfmGroup
GROUPS: Final[tuple[Group, ...]] = RFM_GROUPS

# One line for each recency, from 1 to 5; in it one group for each FM, from 1 to 5.
_TABLE: Final[tuple[tuple[Group, ...], ...]] = (
    ("lost", "hibernating", "at-risk", "cannot-lose", "cannot-lose"),
    ("hibernating", "hibernating", "at-risk", "at-risk", "at-risk"),
    ("about-to-sleep", "about-to-sleep", "need-attention", "loyal", "loyal"),
    ("promising", "potential-loyalist", "potential-loyalist", "champions", "champions"),
    ("new", "potential-loyalist", "potential-loyalist", "champions", "champions"),
)


@dataclass(frozen=True)
class Cuts:
    """Four cut points each, ascending: days since the last order, orders, revenue in the workspace's currency."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]

    @cached_property
    def ages(self) -> tuple[int, ...]:
        """The cut points of recency in microseconds."""
        return tuple(round(days * DAY) for days in self.recency)


@dataclass(frozen=True, slots=True)
class Measures:
    """What a customer bought; `last` is her last order, in microseconds since 1970."""

    orders: float
    revenue: float
    last: int


@dataclass(frozen=True, order=True, slots=True)
class Rfm:
    """The three scores of a customer."""

    r: int
    f: int
    m: int

    @property
    def fm(self) -> int:
        """Frequency and monetary value as one: their mean, a half rounded up."""
        return (self.f + self.m + 1) // 2

    @property
    def group(self) -> Group:
        return group_of(self.r, self.fm)


def group_of(r: int, fm: int) -> Group:
    """The named group of a recency and an FM score.

    The groups and the ranges of their scores are those that Putler made known ("RFM Analysis For Successful Customer
    Segmentation", putler.com/rfm-analysis), as the R package `rfm` documents them too. The published ranges overlap;
    here each pair of scores is in one group whose ranges hold it, and every group has at least one pair.
    """
    return _TABLE[r - 1][fm - 1]


def measures_of(computed: Mapping[str, Any]) -> Measures | None:
    """What a customer's computed attributes say of her orders; None where she has none.

    Read are `orders`, `revenue` (0 where it is missing) and `last_order_at`.
    """
    orders, revenue = computed.get("orders"), computed.get("revenue")
    last = read_instant(computed.get("last_order_at"))
    if last is None or not is_number(orders) or double(orders or 0) < 1:
        return None
    return Measures(double(orders or 0), double(revenue) if is_number(revenue) and revenue else 0.0, last)


def rfm_of(computed: Mapping[str, Any], cuts: Cuts, now: datetime) -> Rfm | None:
    """A customer's scores at `now`; None where she has not ordered."""
    measures = measures_of(computed)
    return None if measures is None else scores_of(measures, cuts, microseconds(now))


def scores_of(measures: Measures, cuts: Cuts, now: int) -> Rfm:
    """The scores at `now`, in microseconds since 1970."""
    return Rfm(
        HIGHEST - bisect_left(cuts.ages, now - measures.last),
        1 + bisect_left(cuts.frequency, measures.orders),
        1 + bisect_left(cuts.monetary, measures.revenue),
    )


def next_change(computed: Mapping[str, Any], cuts: Cuts, now: datetime) -> datetime | None:
    """The next instant at which recency falls by time alone, exactly; None where it cannot fall any more."""
    measures = measures_of(computed)
    if measures is None:
        return None
    age = microseconds(now) - measures.last
    later = next((cut for cut in cuts.ages if cut >= age), None)
    return None if later is None else from_microseconds(measures.last + later + 1)


def compute_cuts(population: Sequence[Measures], now: datetime) -> Cuts | None:
    """The quintiles of a population, None where it is empty.

    The k-th cut point is the quantile k/5 with linear interpolation (type 7 of Hyndman & Fan 1996, the default of
    numpy and pandas). Cut points may be equal where values are, and then scores between them are nobody's: of customers
    nine in ten of whom ordered once, those score 1 and the others 5. With fewer than five distinct values likewise.
    """
    if not population:
        return None
    present = microseconds(now)
    ages = sorted(present - one.last for one in population)
    return Cuts(
        tuple(age / DAY for age in quintiles(ages)),
        quintiles(sorted(one.orders for one in population)),
        quintiles(sorted(one.revenue for one in population)),
    )


def quintiles(ordered: Sequence[float]) -> tuple[float, ...]:
    """The four quantiles that divide ascending values into five parts."""
    found = []
    for part in range(1, HIGHEST):
        below, fifths = divmod((len(ordered) - 1) * part, HIGHEST)
        low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
        found.append(low + (high - low) * fifths / HIGHEST)
    return tuple(found)


def distribution(population: Sequence[Measures], cuts: Cuts, now: datetime) -> Counter[Rfm]:
    """How many customers have each triple of scores."""
    present = microseconds(now)
    return Counter(scores_of(one, cuts, present) for one in population)
