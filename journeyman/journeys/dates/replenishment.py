"""When something that a customer buys again and again runs out (P6). Pure.

Each purchase lasts for as many pieces as it had. The customer's own days a piece are the median over her intervals;
few intervals say little, so they are drawn towards the product's cycle as if that were `PRIOR` intervals more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final, NamedTuple

from journeyman.catalog.interests.interests import interests_of
from journeyman.language.facts import EventFact
from journeyman.language.starters.date import ORDERED

PRIOR: Final = 2
"""As many intervals the product's own cycle counts for."""
LONGEST_DAYS: Final = 3653
"""Nobody is reminded after ten years."""
TOGETHER: Final = timedelta(days=1)
"""Orders of a product that are less than this apart are one purchase."""


class Purchase(NamedTuple):
    """So many pieces, bought at an instant; of several orders together it is the last one's."""

    at: datetime
    pieces: int


class RunsOut(NamedTuple):
    """When it runs out; `days` is how long this purchase lasts, `by` whether `customer`, `product` or both said so."""

    at: datetime
    days: float
    by: str


@dataclass(slots=True)
class _Order:
    """What is left of one order, by product."""

    at: datetime
    id: str | None
    pieces: dict[str, int]


def purchases(events: Iterable[EventFact]) -> dict[str, list[Purchase]]:
    """What was bought and kept, by product, in order of time. What was given back was not bought."""
    orders: list[_Order] = []
    for event in sorted(events, key=lambda event: (event.at, event.seq)):
        pieces = {one.product_id: one.quantity for one in interests_of(event.name, event.at, event.properties)}
        if event.name == ORDERED:
            orders.append(_Order(event.at, _id(event.properties), pieces))
        else:
            _take_back(orders, event, pieces)
    found: dict[str, list[Purchase]] = defaultdict(list)
    for order in orders:
        for product, count in order.pieces.items():
            if count > 0:
                _add(found[product], Purchase(order.at, count))
    return dict(found)


def _id(properties: Mapping[str, Any]) -> str | None:
    found = properties.get("order_id")
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _take_back(orders: list[_Order], event: EventFact, pieces: Mapping[str, int]) -> None:
    """From the order that is named; where none is, from the latest that had the product."""
    named = _id(event.properties)
    mine = [order for order in reversed(orders) if named is None or order.id == named]
    if not pieces and named is not None and event.name == "Order Cancelled":
        for order in mine:
            order.pieces.clear()
    for product, less in pieces.items():
        bought = next((order for order in mine if order.pieces.get(product, 0) > 0), None)
        if bought is not None:
            bought.pieces[product] += less


def _add(known: list[Purchase], one: Purchase) -> None:
    if known and one.at - known[-1].at < TOGETHER:
        one = Purchase(one.at, one.pieces + known.pop().pieces)
    known.append(one)


def runs_out(bought: list[Purchase], cycle_days: int | None) -> RunsOut | None:
    """When the last purchase runs out; None where neither the customer nor the product says how long it lasts."""
    if not bought:
        return None
    last = bought[-1]
    own = [(later.at - one.at) / timedelta(days=1) / one.pieces for one, later in pairwise(bought)]
    if own and cycle_days is not None:
        each, by = (len(own) * median(own) + PRIOR * cycle_days) / (len(own) + PRIOR), "customer and product"
    elif own:
        each, by = median(own), "customer"
    elif cycle_days is not None:
        each, by = float(cycle_days), "product"
    else:
        return None
    days = each * last.pieces
    if days > LONGEST_DAYS:
        return None
    return RunsOut(last.at + timedelta(days=days), days, by)
