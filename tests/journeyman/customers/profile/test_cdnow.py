"""The purchases of 23,570 customers of CDNOW, folded event by event, beside a reckoning with pandas."""

import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journeyman.customers.profile.computed import Document, fold
from journeyman.language.instants import microseconds

DATA = Path(sys.prefix) / "share/journeyman-data/lifetimes/datasets/CDNOW_master.txt"


@pytest.fixture(scope="module")
def folded() -> dict[str, Document]:
    """Every customer's computed attributes; the purchases come in no order, and every second amount as text."""
    lines = DATA.read_text().splitlines()[1:]
    random.Random(5).shuffle(lines)
    found: dict[str, Document] = {}
    for number, line in enumerate(lines):
        customer, day, discs, dollars = line.split()
        at = datetime(int(day[:4]), int(day[4:6]), int(day[6:]), tzinfo=UTC)
        properties: dict[str, Any] = {"revenue": dollars if number % 2 else float(dollars), "quantity": int(discs)}
        fold(found.setdefault(customer, {}), "Order Completed", at, microseconds(at), properties, {})
    return found


@pytest.fixture(scope="module")
def expected() -> Any:
    names = ["customer", "day", "discs", "dollars"]
    purchases = pd.read_csv(DATA, sep=r"\s+", skiprows=1, names=names, dtype={"customer": str, "day": str})
    purchases["day"] = pd.to_datetime(purchases["day"], format="%Y%m%d")
    purchases["cents"] = (purchases["dollars"] * 100).round().astype("int64")
    purchases["month"] = purchases["day"].dt.month
    table = purchases.groupby("customer").agg(
        orders=("day", "size"),
        cents=("cents", "sum"),
        discs=("discs", "sum"),
        first=("day", "min"),
        last=("day", "max"),
    )
    months = purchases.pivot_table(index="customer", columns="month", values="dollars", aggfunc="size", fill_value=0)
    return table.join(months.reindex(columns=range(1, 13), fill_value=0))


def test_everything_is_there(folded: dict[str, Document]) -> None:
    assert len(folded) == 23_570
    assert sum(one["orders"] for one in folded.values()) == 69_659


def test_sums_and_averages_are_the_same_to_the_cent(folded: dict[str, Document], expected: Any) -> None:
    for row in expected.itertuples():
        one = folded[row.Index]
        assert (one["orders"], one["items"]) == (row.orders, row.discs)
        assert one["revenue"] == one["net_revenue"] == row.cents / 100
        assert one["average_order"] == pytest.approx(row.cents / row.orders / 100, abs=1e-6)
        assert one["basket_size"] == pytest.approx(row.discs / row.orders, abs=1e-6)


def test_instants_and_seasons_are_the_same(folded: dict[str, Document], expected: Any) -> None:
    for customer, row in zip(expected.index, expected.to_numpy(), strict=True):
        one = folded[customer]
        first, last = f"{row[3]:%Y-%m-%d}", f"{row[4]:%Y-%m-%d}"
        assert one["first_order_at"] == one["first_seen_at"] == f"{first}T00:00:00.000000Z"
        assert one["last_order_at"] == one["last_seen_at"] == f"{last}T00:00:00.000000Z"
        assert one["orders_by_month"] == list(row[5:])
