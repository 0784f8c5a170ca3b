"""What the purchases of CDNOW come to for each customer, reckoned with pandas: no line is shared with the product."""

import sys
from pathlib import Path
from typing import Any

import pandas as pd

DATA = Path(sys.prefix) / "share/journeyman-data/lifetimes/datasets/CDNOW_master.txt"
COLUMNS = ["customer_id", "date", "number_of_cds", "dollar_value"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SHARES = (0.2, 0.4, 0.6, 0.8)
DAY = 86_400_000_000
"""Microseconds."""

Table = Any
"""A `DataFrame`, for which pandas brings no types."""


def purchases(every: int = 1) -> Table:
    """The purchases as they are in the file, all columns as text; of every N-th customer only."""
    found = pd.read_csv(DATA, sep=r"\s+", skiprows=1, names=COLUMNS, dtype=str)
    return found[found["customer_id"].astype(int) % every == 0]


def attributes(bought: Table) -> Table:
    """A row for each customer, with what the purchases come to; money in whole cents."""
    table = pd.DataFrame({"customer": bought["customer_id"]})
    table["day"] = pd.to_datetime(bought["date"], format="%Y%m%d")
    table["cents"] = (bought["dollar_value"].astype(float) * 100).round().astype("int64")
    table["discs"] = bought["number_of_cds"].astype(int)
    by_customer = table.groupby("customer")
    found = by_customer.agg(
        orders=("day", "size"),
        cents=("cents", "sum"),
        items=("discs", "sum"),
        first=("day", "min"),
        last=("day", "max"),
    )
    months = pd.crosstab(table["customer"], table["day"].dt.month).reindex(columns=range(1, 13), fill_value=0)
    weekdays = pd.crosstab(table["customer"], table["day"].dt.day_of_week).reindex(columns=range(7), fill_value=0)
    found["months"] = pd.Series(months.to_numpy().tolist(), index=months.index)
    found["weekday"] = weekdays.idxmax(axis=1).map(lambda number: WEEKDAYS[number])
    return found


def computed(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of such a table
    """All computed attributes that a customer has to have; averages to six places."""
    first, last = (f"{day:%Y-%m-%d}T00:00:00.000000Z" for day in (row.first, row.last))
    money, orders, items = row.cents / 100, int(row.orders), int(row.items)
    return {
        "orders": orders,
        "orders_by_month": row.months,
        "items": items,
        "revenue": money,
        "refunded": 0,
        "net_revenue": money,
        "average_order": round(money / orders, 6),
        "basket_size": round(items / orders, 6),
        "discount_share": 0,
        "page_views": 0,
        "favourite_hour": 0,
        "favourite_weekday": row.weekday,
        "first_order_at": first,
        "first_seen_at": first,
        "last_order_at": last,
        "last_seen_at": last,
    }


class Quintiles:
    """Cut points of RFM among these customers at the instant `at`, and scores by them.

    Recency is in microseconds, monetary value in cents.
    """

    def __init__(self, table: Table, at: str) -> None:
        self._table = table
        self.recency = _cuts(_ages(table, at))
        self.frequency = _cuts(table["orders"])
        self.monetary = _cuts(table["cents"])

    @property
    def shown(self) -> dict[str, list[float]]:
        """The cut points in days, orders and dollars."""
        return {
            "recency": [cut / DAY for cut in self.recency],
            "frequency": self.frequency,
            "monetary": [cut / 100 for cut in self.monetary],
        }

    def scores(self, at: Any) -> Table:  # noqa: ANN401 - one instant, or a column of one for each customer
        """`r`, `f` and `m` of each customer, as they are at an instant."""
        ages = _ages(self._table, at)
        found = pd.DataFrame(index=self._table.index)
        found["r"] = 5 - sum((ages > cut).astype(int) for cut in self.recency)
        found["f"] = 1 + sum((self._table["orders"] > cut).astype(int) for cut in self.frequency)
        found["m"] = 1 + sum((self._table["cents"] > cut).astype(int) for cut in self.monetary)
        return found

    def cells(self, at: str) -> list[dict[str, int]]:
        """How many customers have each triple of scores at an instant, in order."""
        sizes = self.scores(at).groupby(["r", "f", "m"]).size()
        return [{"r": int(r), "f": int(f), "m": int(m), "customers": int(size)} for (r, f, m), size in sizes.items()]


def _ages(table: Table, at: Any) -> Table:  # noqa: ANN401 - as above
    """Microseconds since each customer's last purchase."""
    last = table["last"].dt.tz_localize("UTC")
    return (pd.to_datetime(at, utc=True, format="ISO8601") - last) // pd.Timedelta(microseconds=1)


def _cuts(column: Table) -> list[float]:
    # Where a quantile falls on a value, the products inside pandas miss it by the last bit of a double.
    return [round(float(column.quantile(share)), 4) for share in SHARES]
