from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.customers.profile.computed import NEVER, Document, fold, merge, public, rebuild, tally
from journeyman.customers.scoring.definition import EVENTS
from journeyman.language.instants import microseconds

MONDAY = datetime(2026, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC)
BASKET = {
    "order_id": "o-1",
    "revenue": "59.97",
    "products": [
        {"sku": "a", "category": "Games", "price": 19.99, "quantity": 2},
        {"sku": "b", "category": "Books", "price": "19.99"},
    ],
}


def after(*events: tuple[str, dict[str, Any]], start: datetime = MONDAY) -> Document:
    return rebuild((name, start + timedelta(days=day), properties, {}) for day, (name, properties) in enumerate(events))


def test_the_first_event_makes_every_sum_known() -> None:
    document = after(("Product Viewed", {}))
    assert public(document) == {
        "orders": 0,
        "revenue": 0,
        "refunded": 0,
        "net_revenue": 0,
        "items": 0,
        "page_views": 0,
        "first_seen_at": "2026-03-02T09:30:00.250000Z",
        "last_seen_at": "2026-03-02T09:30:00.250000Z",
        "favourite_hour": 9,
        "favourite_weekday": "monday",
    }


def test_orders_and_refunds() -> None:
    document = after(
        ("Order Completed", BASKET),
        ("Order Completed", {"total": 10, "coupon": "TEN", "products": [{"category": "Books", "quantity": 3}]}),
        ("Order Refunded", {"order_id": "o-1", "total": 19.99}),
    )
    told = public(document)
    assert (told["orders"], told["revenue"], told["refunded"], told["net_revenue"]) == (2, 69.97, 19.99, 49.98)
    assert (told["average_order"], told["items"], told["basket_size"], told["discount_share"]) == (34.985, 6, 3, 0.5)
    assert (told["first_order_at"], told["last_order_at"]) == (
        "2026-03-02T09:30:00.250000Z",
        "2026-03-03T09:30:00.250000Z",
    )
    assert told["orders_by_month"] == [0, 0, 2, *[0] * 9]
    assert told["top_categories"] == ["Books", "Games"]


@pytest.mark.parametrize(
    ("properties", "revenue"),
    [
        ({"revenue": 20, "total": 25}, 20),
        ({"revenue": "free", "total": "25.50"}, 25.5),
        ({"value": 0.1 + 0.2}, 0.3),
        ({"products": [{"price": 5, "quantity": 2}, {"price": "2.50"}, "nonsense"]}, 12.5),
        ({"revenue": True}, 0),
        ({"revenue": -5}, 0),
        ({"revenue": float("nan")}, 0),
        ({"revenue": "1e5"}, 0),
        ({"revenue": 1e10}, 0),
        ({"products": {"price": 5}}, 0),
    ],
)
def test_what_an_order_is_worth(properties: dict[str, Any], revenue: float) -> None:
    assert after(("Order Completed", properties))["revenue"] == revenue


@pytest.mark.parametrize(
    ("properties", "refunded"),
    [({"total": 5}, 5), ({"total": -5}, 5), ({"products": [{"price": 2, "quantity": 3}]}, 6), ({"order_id": "o-1"}, 0)],
)
def test_what_a_refund_gives_back(properties: dict[str, Any], refunded: float) -> None:
    assert after(("Order Refunded", properties))["refunded"] == refunded


def test_a_hundred_thousandths_of_a_cent_are_not_lost_in_adding() -> None:
    document = after(*[("Order Completed", {"revenue": 0.1})] * 1000)
    assert (document["revenue"], document["average_order"]) == (100, 0.1)


def test_sums_stop_where_integers_of_64_bits_would() -> None:
    document = after(*[("Order Completed", {"revenue": 1e9, "quantity": 1e9})] * 3)
    for _ in range(13):
        document = merge(document, document)
    assert document["revenue"] == document["items"] == 9_000_000_000_000


def test_favourites_are_what_counts_most_and_of_equal_ones_the_first() -> None:
    phone, desk = {"device": {"type": "android"}}, {"device": {"type": "desktop"}}
    history: list[Any] = [
        ("Product Viewed", MONDAY, {"channel": "pos"}, phone),
        ("Product Viewed", MONDAY + timedelta(hours=2), {"channel": "web"}, desk),
    ]
    document = rebuild(history)
    assert (document["favourite_device"], document["favourite_channel"], document["favourite_hour"]) == (
        "desktop",
        "pos",
        9,
    )
    document = rebuild([*history, history[1], history[0], history[0]])
    assert (document["favourite_device"], document["favourite_channel"]) == ("mobile", "pos")


def test_top_categories_are_five() -> None:
    products = [
        {"category": name, "quantity": quantity}
        for name, quantity in zip("ABCDEFG", (1, 7, 7, 3, 9, 2, 5), strict=True)
    ]
    assert after(("Order Completed", {"products": products}))["top_categories"] == ["E", "B", "C", "G", "D"]


def test_pages_and_sessions() -> None:
    history: list[Any] = [("Page Viewed", MONDAY, {}, {"sessionId": number % 3}) for number in range(9)]
    document = rebuild([*history, ("Screen Viewed", MONDAY, {"session_id": "app-1"}, {})])
    assert (document["page_views"], document["sessions"]) == (10, 4)


def test_many_sessions_are_estimated() -> None:
    document = rebuild(("Page Viewed", MONDAY, {}, {"sessionId": number}) for number in range(5000))
    assert document["sessions"] == pytest.approx(5000, rel=0.3)


@pytest.mark.parametrize("name", ["Email Delivered", "Email Opened", "Email Bounced", *EVENTS.values()])
def test_what_happens_to_a_customer_is_no_sign_of_her(name: str) -> None:
    document = after(("Product Viewed", {}), (name, {}))
    assert document["last_seen_at"] == "2026-03-02T09:30:00.250000Z"
    assert tally(document, name) == (1, *[microseconds(MONDAY + timedelta(days=1))] * 2)


def test_tallies() -> None:
    document = after(("A", {}), ("B", {}), ("A", {}))
    assert tally(document, "A") == (2, microseconds(MONDAY), microseconds(MONDAY + timedelta(days=2)))
    assert tally(document, "C") == NEVER
    assert tally(document, "C" * 65) == NEVER
    assert tally({}, "A") is None


def test_of_names_that_are_too_long_to_keep_nothing_is_known() -> None:
    document = merge(after(("A", {}), ("B" * 65, {})), after(("\u0001", {})))
    assert tally(document, "B" * 65) is tally(document, "C" * 65) is None
    assert tally(document, "A") == (1, *[microseconds(MONDAY)] * 2)
    assert tally(document, "Z") == NEVER
    assert "e" in document["_"]["x"]


def test_a_late_event_is_counted_where_it_belongs() -> None:
    document = after(("Order Completed", {"revenue": 1}))
    early = MONDAY - timedelta(days=60)
    fold(document, "Order Completed", early, microseconds(early), {"revenue": 2}, {})
    assert document["first_order_at"] == document["first_seen_at"] == "2026-01-01T09:30:00.250000Z"
    assert document["last_order_at"] == "2026-03-02T09:30:00.250000Z"
    assert document["orders_by_month"][:3] == [1, 0, 1]


def test_merging_with_nothing_is_the_same() -> None:
    document = after(("Order Completed", BASKET))
    assert merge({}, document) == merge(document, {}) == document
    assert merge({}, {}) == {}
