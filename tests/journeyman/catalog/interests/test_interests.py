"""What the events of Segment's e-commerce spec say of products."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.catalog.interests.interests import (
    EVENTS,
    RECENT,
    Interest,
    InterestKind,
    fold,
    instants,
    interests_of,
    ticks_of,
)
from tests.cost import processor_seconds

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def told(name: str, **properties: Any) -> list[tuple[str, str, int, int]]:
    """(product, kind, count, quantity) of what an event says."""
    found = interests_of(name, NOON, properties)
    return [(one.product_id, one.kind, one.count, one.quantity) for one in found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Product Viewed", ("p", "viewed", 1, 0)),
        ("Product Clicked", ("p", "viewed", 1, 0)),
        ("Product Added to Wishlist", ("p", "wished", 1, 2)),
        ("Product Removed from Wishlist", ("p", "wished", 0, -2)),
        ("Wishlist Product Added to Cart", ("p", "carted", 1, 2)),
        ("Product Added", ("p", "carted", 1, 2)),
        ("Product Removed", ("p", "carted", 0, -2)),
        ("Back in Stock Requested", ("p", "awaited", 1, 2)),
    ],
)
def test_an_event_about_one_product(name: str, expected: tuple[str, str, int, int]) -> None:
    assert told(name, product_id="p", quantity=2) == [expected]


@pytest.mark.parametrize(
    ("name", "kind", "count", "sign"),
    [
        ("Cart Viewed", "carted", 1, 0),
        ("Checkout Started", "carted", 1, 0),
        ("Order Completed", "bought", 1, 1),
        ("Order Refunded", "bought", 0, -1),
        ("Order Cancelled", "bought", 0, -1),
    ],
)
def test_an_event_about_many(name: str, kind: str, count: int, sign: int) -> None:
    products = [{"product_id": "p", "quantity": 2}, {"product_id": "q"}, {"product_id": "p", "quantity": 3}]
    assert told(name, products=products) == [("p", kind, count, 5 * sign), ("q", kind, count, sign)]


def test_every_event_that_is_known_is_tried_here() -> None:
    assert len(EVENTS) == 13


@pytest.mark.parametrize("name", ["Product List Viewed", "Products Searched", "Signed Up", ""])
def test_other_events_say_nothing(name: str) -> None:
    assert told(name, product_id="p", products=[{"product_id": "p"}]) == []


@pytest.mark.parametrize(
    ("properties", "product_id"),
    [
        ({"product_id": " p "}, "p"),
        ({"product_id": 501}, "501"),
        ({"product_id": "", "sku": "s"}, "s"),
        ({"product_id": None, "id": "i"}, "i"),
        ({"sku": "s", "product_id": "p"}, "p"),
    ],
)
def test_a_product_is_known_by_its_id_or_its_sku(properties: dict[str, Any], product_id: str) -> None:
    assert [one[0] for one in told("Product Viewed", **properties)] == [product_id]


@pytest.mark.parametrize(
    "properties", [{}, {"product_id": True}, {"product_id": 1.5}, {"product_id": ["p"]}, {"product_id": "x" * 257}]
)
def test_what_has_no_usable_id_says_nothing(properties: dict[str, Any]) -> None:
    assert told("Product Viewed", **properties) == []


@pytest.mark.parametrize("products", [None, "p", {"product_id": "p"}, [None, 7, "p", [], {}]])
def test_what_is_no_list_of_products_says_nothing(products: Any) -> None:
    assert told("Order Completed", products=products) == []


@pytest.mark.parametrize(
    ("quantity", "pieces"),
    [(3, 3), ("4", 4), (2.0, 2), (0, 1), (-5, 1), (None, 1), (True, 1), ("many", 1), (10**30, 10**6), (1e400, 1)],
)
def test_a_quantity_that_is_none_is_one_piece(quantity: Any, pieces: int) -> None:
    assert told("Product Added", product_id="p", quantity=quantity)[0][3] == pieces


@pytest.mark.parametrize(
    ("price", "seen"),
    [(19.99, "19.99"), ("19.99", "19.99"), (0, "0"), (1.005, "1.005"), (7, "7"), (0.00004, "0")],
)
def test_the_price_that_was_seen_is_exact(price: Any, seen: str) -> None:
    (interest,) = interests_of("Product Viewed", NOON, {"product_id": "p", "price": price, "currency": "eur"}, 5)
    assert interest.seen is not None
    assert (interest.seen.price, interest.seen.currency) == (Decimal(seen), "EUR")
    assert (interest.seen.at, interest.seen.seq) == (NOON, 5)


@pytest.mark.parametrize("price", [None, -1, "free", True, float("nan"), float("inf"), 10**400, 1e12, [1]])
def test_a_price_that_is_none_is_not_seen(price: Any) -> None:
    (interest,) = interests_of("Product Viewed", NOON, {"product_id": "p", "price": price})
    assert interest.seen is None


@pytest.mark.parametrize(("currency", "kept"), [("EURO", ""), (5, ""), (None, ""), ("chf", "CHF"), ("€€€", "")])
def test_a_currency_has_three_letters(currency: Any, kept: str) -> None:
    (interest,) = interests_of("Product Viewed", NOON, {"product_id": "p", "price": 1, "currency": currency})
    assert interest.seen is not None
    assert interest.seen.currency == kept


def test_an_order_has_one_currency_unless_a_line_has_its_own() -> None:
    lines = [{"product_id": "p", "price": 1}, {"product_id": "q", "price": 1, "currency": "USD"}]
    found = interests_of("Order Completed", NOON, {"currency": "EUR", "products": lines})
    assert [one.seen and one.seen.currency for one in found] == ["EUR", "USD"]


def test_what_was_taken_back_is_no_sign_of_interest() -> None:
    (removed,) = interests_of("Product Removed", NOON, {"product_id": "p"})
    (added,) = interests_of("Product Added", NOON, {"product_id": "p"})
    assert (removed.recent, added.recent) == ((), (ticks_of(NOON),))
    assert list(instants(added.recent)) == [NOON]


EVENTS_ABOUT_P = st.tuples(
    st.sampled_from(sorted(EVENTS)),
    st.integers(0, 30),
    st.integers(0, 3),
    st.sampled_from([None, 1, 2.5, 3]),
    st.sampled_from(["EUR", "USD", None]),
)


@given(st.lists(EVENTS_ABOUT_P, max_size=25), st.randoms(use_true_random=False), st.data())
def test_interests_add_up_to_the_same_in_any_order(events: list[Any], chance: Any, data: st.DataObject) -> None:
    def rows() -> list[tuple[str, Interest]]:
        return [("ann", one) for event in events for one in interests_of(*_event(*event))]

    there, elsewhere = rows(), rows()
    chance.shuffle(elsewhere)
    cut = data.draw(st.integers(0, len(elsewhere)))
    parts = [("ann", one) for half in (elsewhere[:cut], elsewhere[cut:]) for one in fold(half).values()]
    assert fold(there) == fold(parts) == _counted(events)


def _event(name: str, minute: int, seq: int, price: Any, currency: Any) -> tuple[str, datetime, dict[str, Any], int]:
    line = {"product_id": "p", "price": price, "currency": currency, "quantity": 2}
    return name, NOON + timedelta(minutes=minute), {**line, "products": [line]}, seq


def _counted(events: list[Any]) -> dict[Any, Interest]:
    """The same by counting afresh."""
    kinds: dict[str, InterestKind] = {name: interests_of(*_event(name, 0, 0, 1, None))[0].kind for name in EVENTS}
    found = {}
    for kind in sorted(set(kinds.values())):
        mine = [event for event in events if kinds[event[0]] == kind]
        if not mine:
            continue
        taken = {"Product Removed", "Product Removed from Wishlist", "Order Refunded", "Order Cancelled"}
        given = {"Product Added", "Product Added to Wishlist", "Wishlist Product Added to Cart", "Order Completed"}
        given |= {"Back in Stock Requested"}
        counting = [event[1] for event in mine if event[0] not in taken]
        at = [NOON + timedelta(minutes=event[1]) for event in mine]
        last = max(((*event[1:3], event[3], event[4] or "") for event in mine if event[3] is not None), default=None)
        found["ann", "p", kind] = one = interests_of(*_event(mine[0][0], 0, 0, None, None))[0]
        one.count = len(counting)
        one.quantity = 2 * sum((event[0] in given) - (event[0] in taken) for event in mine)
        one.first_at, one.last_at = min(at), max(at)
        minutes = sorted(counting, reverse=True)[:RECENT]
        one.recent = tuple(ticks_of(NOON + timedelta(minutes=minute)) for minute in minutes)
        if last is not None:
            line = {"product_id": "p", "price": last[2], "currency": last[3] or None}
            one.seen = interests_of("Product Viewed", NOON + timedelta(minutes=last[0]), line, last[1])[0].seen
    return found


def test_it_costs_the_hot_path_little() -> None:
    """A bound that only a mistake of another order passes; the figure itself stands in the decision."""
    properties = {"product_id": "p", "price": 19.99, "currency": "EUR", "quantity": 2}

    def ten_thousand() -> None:
        for _ in range(10_000):
            interests_of("Product Added", NOON, properties)

    assert processor_seconds(ten_thousand) / 10_000 < 100e-6
