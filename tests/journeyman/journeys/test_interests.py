"""Interests as intake takes them from events: late ones, repeated ones, and those of profiles that are merged."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.catalog.interests import repository
from journeyman.customers import repository as customers
from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


async def interests(shop: Shop, customer: str) -> list[tuple[Any, ...]]:
    """(product, kind, count, quantity, price) of a customer's interests."""
    async with shop.database.reading() as connection:
        customer_id = await customers.resolve(connection, customer)
        found = await repository.interests_of_customer(connection, customer_id or customer, None, 100)
    kept = [one.interest for one in found]
    return sorted(
        (one.product_id, one.kind, one.count, one.quantity, one.seen and float(one.seen.price)) for one in kept
    )


async def test_events_tell_of_interest_once(shop: Shop) -> None:
    order: dict[str, Any] = {
        "currency": "EUR",
        "products": [{"product_id": "p", "quantity": 2, "price": 18}, {"product_id": "q"}],
    }
    events = [
        incoming("Product Viewed", product_id="p", price=20, message_id="m-view"),
        incoming("Product Added", product_id="p", quantity=2),
        incoming("Order Completed", **order),
        incoming("Signed Up", product_id="p"),
    ]
    await shop.accept(*events)
    await shop.accept(*events[:1], incoming("Product Viewed", product_id="p", price=25, at=NOON - timedelta(days=1)))
    assert await interests(shop, "ann") == [
        ("p", "bought", 1, 2, 18),
        ("p", "carted", 1, 2, None),
        ("p", "viewed", 2, 0, 20),
        ("q", "bought", 1, 1, None),
    ]


async def test_an_event_whose_products_are_nonsense_is_decided_all_the_same(shop: Shop) -> None:
    await shop.accept(
        incoming("Order Completed", products="p"),
        incoming("Order Completed", products=[None, {"product_id": {"a": 1}}, {"product_id": "p", "price": "NaN"}]),
        incoming("Product Viewed", product_id=["p"]),
    )
    assert await interests(shop, "ann") == [("p", "bought", 1, 1, None)]
    async with shop.database.reading() as connection:
        assert await customers.quarantined(connection) == 0


async def test_what_was_seen_without_a_name_is_hers_once_she_is_known(shop: Shop) -> None:
    await shop.accept(incoming("Product Viewed", "ann", product_id="p", price=20))
    await shop.accept(incoming("Product Viewed", None, anonymous="device", product_id="p", price=22))
    await shop.accept(
        incoming("Product Viewed", None, anonymous="device", product_id="q"),
        incoming("Identified", "ann", anonymous="device", kind="identify"),
        incoming("Product Viewed", None, anonymous="device", product_id="p"),
    )
    assert await interests(shop, "ann") == [("p", "viewed", 3, 0, 22), ("q", "viewed", 1, 0, None)]
