"""Recency, frequency, monetary value: what the scores mean, when they change, and the groups."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.scoring.rfm import (
    GROUPS,
    Cuts,
    Measures,
    Rfm,
    compute_cuts,
    group_of,
    measures_of,
    next_change,
    quintiles,
    rfm_of,
)
from journeyman.language.instants import microseconds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CUTS = Cuts((7, 30, 90, 365), (1, 2, 4, 8), (0, 50, 100, 500))


def bought(orders: float, revenue: float, days_ago: float) -> dict[str, Any]:
    return {"orders": orders, "revenue": revenue, "last_order_at": (NOON - days_ago * DAY).isoformat()}


@pytest.mark.parametrize(
    ("computed", "scores"),
    [
        (bought(1, 0, 0), (5, 1, 1)),
        (bought(2, 0.01, 7), (5, 2, 2)),
        (bought(4, 50, 30), (4, 3, 2)),
        (bought(8, 100, 90), (3, 4, 3)),
        (bought(9, 500, 365), (2, 5, 4)),
        (bought(900, 500.01, 365.5), (1, 5, 5)),
        (bought(1, -20, -1), (5, 1, 1)),
        ({"orders": 1, "last_order_at": NOON.isoformat()}, (5, 1, 1)),
    ],
)
def test_a_cut_point_itself_still_belongs_to_what_is_within_it(
    computed: dict[str, Any], scores: tuple[int, ...]
) -> None:
    assert rfm_of(computed, CUTS, NOON) == Rfm(*scores)


@pytest.mark.parametrize(
    "computed",
    [
        {},
        {"orders": 0, "last_order_at": NOON.isoformat()},
        {"orders": 3},
        {"orders": True, **bought(1, 1, 1)} | {"orders": True},
    ],
)
def test_who_has_not_ordered_has_no_scores(computed: dict[str, Any]) -> None:
    assert (rfm_of(computed, CUTS, NOON), next_change(computed, CUTS, NOON)) == (None, None)


PUBLISHED = {
    "champions": ((4, 5), (4, 5)),
    "loyal": ((2, 5), (3, 5)),
    "potential-loyalist": ((3, 5), (1, 3)),
    "new": ((4, 5), (0, 1)),
    "promising": ((3, 4), (0, 1)),
    "need-attention": ((2, 3), (2, 3)),
    "about-to-sleep": ((2, 3), (0, 2)),
    "at-risk": ((0, 2), (2, 5)),
    "cannot-lose": ((0, 1), (4, 5)),
    "hibernating": ((1, 2), (1, 2)),
    "lost": ((0, 2), (0, 2)),
}
"""The published ranges of recency, and of frequency and monetary value together."""


def test_every_pair_of_scores_is_in_a_group_whose_published_ranges_hold_it() -> None:
    seen = set()
    for r, fm in product(range(1, 6), repeat=2):
        group = group_of(r, fm)
        (r_low, r_high), (fm_low, fm_high) = PUBLISHED[group]
        assert r_low <= r <= r_high, (r, fm)
        assert fm_low <= fm <= fm_high, (r, fm)
        seen.add(group)
    assert seen == {*GROUPS} == {*PUBLISHED}


def test_frequency_and_monetary_value_together_are_their_mean() -> None:
    assert [Rfm(5, f, m).fm for f, m in ((1, 1), (1, 2), (2, 3), (5, 1), (5, 4), (5, 5))] == [1, 2, 3, 3, 5, 5]


@given(
    st.integers(0, 500 * 86_400_000_000),
    st.lists(st.floats(0, 500), min_size=4, max_size=4).map(lambda days: tuple(sorted(days))),
)
def test_recency_changes_by_time_exactly_then_and_not_before(age: int, days: tuple[float, ...]) -> None:
    cuts = Cuts(days, (1, 2, 3, 4), (1, 2, 3, 4))
    computed = {"orders": 1, "last_order_at": (NOON - timedelta(microseconds=age)).isoformat()}
    instant, steps = NOON, 0
    while (change := next_change(computed, cuts, instant)) is not None:
        before = rfm_of(computed, cuts, instant)
        assert rfm_of(computed, cuts, change - timedelta(microseconds=1)) == before
        after = rfm_of(computed, cuts, change)
        assert before is not None
        assert after is not None
        assert after.r < before.r
        instant, steps = change, steps + 1
    assert rfm_of(computed, cuts, instant + 9000 * DAY) == rfm_of(computed, cuts, instant) == Rfm(1, 1, 1)
    assert steps <= 4


def people(*orders: float) -> list[Measures]:
    return [Measures(number, 10 * number, microseconds(NOON - number * DAY)) for number in orders]


def test_cut_points_are_the_quantiles_with_linear_interpolation() -> None:
    cuts = compute_cuts(people(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), NOON)
    assert cuts is not None
    assert cuts.frequency == pytest.approx((2.8, 4.6, 6.4, 8.2))
    assert cuts.recency == pytest.approx((2.8, 4.6, 6.4, 8.2))
    assert cuts.monetary == pytest.approx((28, 46, 64, 82))


def test_equal_customers_score_equally_however_many_they_are() -> None:
    cuts = compute_cuts(people(*[1] * 9, 2), NOON)
    assert cuts is not None
    assert cuts.frequency == (1, 1, 1, 1)
    assert [Rfm(1, f, 1).f for f in (1, 5)] == [1, 5]
    scores = [rfm_of(bought(orders, 10, 1), cuts, NOON) for orders in (1, 2)]
    assert [score.f for score in scores if score] == [1, 5]


def test_a_population_of_one_and_of_nobody() -> None:
    one = compute_cuts(people(3), NOON)
    assert one == Cuts((3.0,) * 4, (3.0,) * 4, (30.0,) * 4)
    assert rfm_of(bought(3, 30, 3), one, NOON) == Rfm(5, 1, 1)
    assert compute_cuts([], NOON) is None


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_no_more_than_its_share_is_on_either_side_of_a_cut_point(values: list[int]) -> None:
    cuts = quintiles(sorted(values))
    assert all(low <= high for low, high in pairwise(cuts))
    for part, cut in enumerate(cuts, start=1):
        beyond = sum(value > cut for value in values)
        assert beyond <= (len(values) - 1) * (5 - part) / 5 + 1
        assert sum(value < cut for value in values) <= (len(values) - 1) * part / 5 + 1


def test_measures_are_read_from_computed_attributes() -> None:
    assert measures_of(bought(2, 19.5, 1)) == Measures(2, 19.5, microseconds(NOON - DAY))
