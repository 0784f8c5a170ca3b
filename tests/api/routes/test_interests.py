"""Interests over the API."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.catalog.interests import repository
from journeyman.catalog.interests.interests import interests_of
from journeyman.customers import repository as customers
from tests.builders import NOON
from tests.world import World

SHOE = {"id": "shoe", "name": "Running shoe", "price": 79.9, "currency": "EUR"}


async def did(world: World, customer: str, name: str, days: float = 0, **properties: Any) -> None:
    """What an event of a customer who is known says of the shoe."""
    given = {"product_id": "shoe", **properties}
    found = interests_of(name, NOON + timedelta(days=days), {**given, "products": [given]})
    async with world.database.transaction() as connection:
        customer_id = await customers.resolve(connection, customer)
        assert customer_id is not None
        await repository.add_interests(connection, [(customer_id, one) for one in found])


@pytest.fixture(name="shop")
async def opened_shop(world: World) -> World:
    """A shop with a shoe and three customers."""
    for name in ("ann", "bob", "cid"):
        await world.shop.introduce(name)
    answer = await world.http.post("/v1/products", json={"products": [SHOE]})
    assert answer.status_code == 200
    return world


async def test_a_customers_interests_are_told_latest_first(shop: World) -> None:
    await did(shop, "ann", "Product Viewed", 1, price=89, currency="EUR")
    await did(shop, "ann", "Product Viewed", 3)
    await did(shop, "ann", "Product Added", 2, quantity=2, product_id="sock")
    read = await shop.get("/v1/customers/ann/interests")
    assert [(one["product"], one["kind"], one["count"], one["product_name"]) for one in read["items"]] == [
        ("shoe", "viewed", 2, "Running shoe"),
        ("sock", "carted", 1, None),
    ]
    viewed, carted = read["items"]
    assert (viewed["last_price"], viewed["currency"], viewed["last_price_at"]) == (89, "EUR", viewed["first_at"])
    assert (carted["quantity"], carted["last_price"], carted["currency"]) == (2, None, None)
    page = await shop.get("/v1/customers/ann/interests", limit=1)
    rest = await shop.get("/v1/customers/ann/interests", limit=1, cursor=page["next"])
    assert (page["items"] + rest["items"], rest["next"]) == (read["items"], None)
    assert (await shop.http.get("/v1/customers/nobody/interests")).status_code == 404


async def test_a_products_customers_are_those_who_did_it_often_enough(shop: World) -> None:
    for day in (1, 2, 3):
        await did(shop, "ann", "Product Viewed", day)
    await did(shop, "bob", "Product Viewed", 3)
    await did(shop, "bob", "Order Completed", 4)

    async def who(**query: Any) -> list[str]:
        return [one["customer"] for one in (await shop.get("/v1/products/shoe/customers", **query))["items"]]

    assert await who() == ["ann", "bob"]
    assert await who(not_bought=True) == ["ann"]
    assert await who(at_least=2, since=(NOON + timedelta(days=2)).isoformat()) == ["ann"]
    assert await who(at_least=2, since=(NOON + timedelta(days=2.5)).isoformat()) == []
    assert await who(kind="bought") == ["bob"]
    page = await shop.get("/v1/products/shoe/customers", limit=1)
    assert await who(limit=1, cursor=page["next"]) == ["bob"]


async def test_p1_the_reference_price_is_what_she_saw_last_else_the_products(shop: World) -> None:
    await did(shop, "ann", "Product Viewed", 1, price=89, currency="USD")
    await did(shop, "bob", "Product Viewed", 1)
    await did(shop, "cid", "Product Viewed", 1)
    await did(shop, "cid", "Product Added", 2, price=85)
    found = (await shop.get("/v1/products/shoe/customers"))["items"]
    prices = {one["customer"]: one["reference_price"] for one in found}
    assert {name: (one["price"], one["currency"]) for name, one in prices.items()} == {
        "ann": (89, "USD"),
        "bob": (79.9, "EUR"),
        "cid": (85, "EUR"),
    }
    assert prices["bob"]["seen_at"] is None
    assert prices["cid"]["seen_at"] is not None


@pytest.mark.parametrize("query", [{"kind": "loved"}, {"at_least": 0}, {"at_least": 11}, {"since": "2026-03-01"}])
async def test_what_cannot_be_answered_is_said(shop: World, query: dict[str, Any]) -> None:
    assert (await shop.http.get("/v1/products/shoe/customers", params=query)).status_code == 422


async def test_an_unknown_product_has_no_customers(shop: World) -> None:
    assert (await shop.http.get("/v1/products/hat/customers")).status_code == 404
