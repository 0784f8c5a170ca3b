"""The purchases of 23,570 customers of CDNOW, beside a reckoning with pandas that shares no line with ours."""

import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journeyman.customers.profile.computed import Event, public, rebuild
from journeyman.customers.scoring.rfm import Cuts, Measures, compute_cuts, measures_of, scores_of
from journeyman.language.instants import microseconds

DATA = Path(sys.prefix) / "share/journeyman-data/lifetimes/datasets/CDNOW_master.txt"
END = datetime(1998, 7, 1, tzinfo=UTC)
"""The day after the last purchase."""


@pytest.fixture(scope="module")
def computed() -> dict[str, dict[str, Any]]:
    """Every customer's computed attributes, as intake makes them of orders."""
    orders: dict[str, list[Event]] = defaultdict(list)
    with DATA.open() as lines:
        next(lines)
        for line in lines:
            customer, day, _, dollars = line.split()
            at = datetime.strptime(f"{day}+0000", "%Y%m%d%z")
            orders[customer].append(("Order Completed", at, {"revenue": float(dollars)}, {}))
    return {customer: public(rebuild(reversed(events))) for customer, events in orders.items()}


@pytest.fixture(scope="module")
def expected() -> Any:
    """The same by pandas: sums, cut points and scores."""
    names = ["customer", "day", "discs", "dollars"]
    purchases = pd.read_csv(DATA, sep=r"\s+", skiprows=1, names=names, dtype={"customer": str, "day": str})
    purchases["day"] = pd.to_datetime(purchases["day"], format="%Y%m%d")
    table = purchases.groupby("customer").agg(last=("day", "max"), orders=("day", "size"), revenue=("dollars", "sum"))
    table["days"] = (pd.Timestamp("1998-07-01") - table["last"]).dt.days
    for score, column in (("f", "orders"), ("m", "revenue")):
        table[score] = 1 + sum((table[column].round(2) > cut).astype(int) for cut in fifths(table[column].round(2)))
    table["r"] = 5 - sum((table["days"] > cut).astype(int) for cut in fifths(table["days"]))
    return table


def fifths(column: Any) -> list[float]:
    # Where a quantile falls on a value, the products inside pandas miss it by the last bit of a double.
    return [round(column.quantile(share), 6) for share in (0.2, 0.4, 0.6, 0.8)]


def cents(one: dict[str, Any]) -> int:
    found: int = round(one["revenue"] * 100)
    assert one["revenue"] == found / 100, "no fraction of a cent"
    return found


def test_the_data_is_whole(computed: dict[str, dict[str, Any]]) -> None:
    assert len(computed) == 23_570
    assert sum(one["orders"] for one in computed.values()) == 69_659
    assert sum(cents(one) for one in computed.values()) == 250_031_563


def test_sums_are_the_same_to_the_cent(computed: dict[str, dict[str, Any]], expected: Any) -> None:
    for customer, row in zip(expected.index, expected.itertuples(), strict=True):
        one = computed[customer]
        assert (one["orders"], cents(one)) == (row.orders, round(row.revenue * 100))
        assert one["last_order_at"] == f"{row.last:%Y-%m-%d}T00:00:00.000000Z"


def test_cut_points_and_scores_are_the_same(computed: dict[str, dict[str, Any]], expected: Any) -> None:
    population = {customer: measures for customer, one in computed.items() if (measures := measures_of(one))}
    cuts = compute_cuts(list(population.values()), END)
    assert cuts is not None
    assert cuts.recency == pytest.approx(fifths(expected["days"]), abs=1e-6)
    assert cuts.frequency == pytest.approx(fifths(expected["orders"]), abs=1e-6)
    assert cuts.monetary == pytest.approx(fifths(expected["revenue"].round(2)), abs=1e-6)
    at = microseconds(END)
    for row in expected.itertuples():
        scores = scores_of(population[row.Index], cuts, at)
        assert (scores.r, scores.f, scores.m) == (row.r, row.f, row.m), row


def test_time_moves_recency_as_a_new_reckoning_says(computed: dict[str, dict[str, Any]], expected: Any) -> None:
    cuts = Cuts((30, 90, 180, 365), (1, 2, 3, 6), (20, 50, 100, 200))
    later = END + timedelta(days=100)
    days = expected["days"] + 100
    bins = [-1, 30, 90, 180, 365, 100_000]
    want = pd.cut(days, bins=bins, labels=[5, 4, 3, 2, 1]).astype(int)
    for customer, score in want.items():
        measures = measures_of(computed[str(customer)])
        assert isinstance(measures, Measures)
        assert scores_of(measures, cuts, microseconds(later)).r == score
