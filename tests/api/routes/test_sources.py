"""Webhooks of shops over HTTP: signed, told once, to the right customer."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response

from tests.journeyman.customers.sources.payloads import payload, signed_base64, signed_by_stripe
from tests.world import World, world

KEYS = {"shopify": "shpss_1", "woocommerce": "wc_1", "stripe": "whsec_1"}


@pytest.fixture(name="world")
async def opened_world(database_url: str) -> AsyncIterator[World]:
    """A shop whose sources are all configured."""
    settings = {f"{source}_webhook_secret": secret for source, secret in KEYS.items()}
    async with world(database_url, **settings, shop_currency="EUR") as opened:
        opened.http.headers.pop("authorization")
        yield opened


async def send(world: World, source: str, document: dict[str, Any], topic: str = "", **headers: str) -> Response:
    body = json.dumps(document).encode()
    given = {
        "shopify": {
            "X-Shopify-Topic": topic,
            "X-Shopify-Event-Id": f"{topic}-1",
            "X-Shopify-Hmac-Sha256": signed_base64(body, KEYS["shopify"]),
        },
        "woocommerce": {
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Source": "https://shop.example/",
            "X-WC-Webhook-Delivery-ID": "d1",
            "X-WC-Webhook-Signature": signed_base64(body, KEYS["woocommerce"]),
        },
        "stripe": {"Stripe-Signature": signed_by_stripe(body, KEYS["stripe"], int(world.clock.at.timestamp()))},
    }[source]
    return await world.http.post(f"/v1/sources/{source}", content=body, headers=given | headers)


async def events(world: World) -> list[tuple[str, str]]:
    """(customer, event) in the order in which they were decided, without what Journeyman tells of itself."""
    await world.shop.decide()
    async with world.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT customer_id, name, type FROM events ORDER BY seq")
        return [(row.customer_id, row.name) for row in rows if row.type != "consent"]


async def test_an_order_comes_in_once_and_its_refund_goes_to_the_same_customer(world: World) -> None:
    order, refund = payload("shopify", "orders_create"), payload("shopify", "refunds_create")
    assert (await send(world, "shopify", order, "orders/create")).json() == {"events": 2, "products": 0}
    assert (await send(world, "shopify", order, "orders/create")).json() == {"events": 0, "products": 0}
    assert (await send(world, "shopify", refund, "refunds/create")).json()["events"] == 1, "before intake has decided"
    other = refund | {"id": 2}
    await events(world)
    assert (await send(world, "shopify", order, "orders/paid")).status_code == 200
    assert (await send(world, "shopify", other, "refunds/create")).json()["events"] == 1, "and after"
    assert (await send(world, "shopify", other | {"order_id": 5, "id": 3}, "refunds/create")).json()["events"] == 0
    found = await events(world)
    assert [name for _, name in found] == ["Identified", "Order Completed", "Order Refunded", "Order Refunded"]
    assert len({customer for customer, _ in found}) == 1


async def test_a_product_is_brought_into_the_catalogue(world: World) -> None:
    answer = await send(world, "shopify", payload("shopify", "products_update"), "products/update")
    assert answer.json() == {"events": 0, "products": 1}
    await send(world, "woocommerce", payload("woocommerce", "product_updated"), "product.updated")
    async with world.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT id FROM products ORDER BY id")
        assert [row.id for row in rows] == ["788032119674292922", "794"]


async def test_what_a_shop_deletes_leaves_the_catalogue(world: World) -> None:
    await send(world, "shopify", payload("shopify", "products_update"), "products/update")
    await send(world, "woocommerce", payload("woocommerce", "product_updated"), "product.updated")
    answer = await send(world, "shopify", {"id": 788032119674292922}, "products/delete")
    assert answer.json() == {"events": 0, "products": 1}
    assert (await send(world, "woocommerce", {"id": 794}, "product.deleted")).json()["products"] == 1
    assert (await send(world, "shopify", {"id": None}, "products/delete")).json()["products"] == 0
    async with world.database.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT id FROM products")).all() == []


@pytest.mark.parametrize(
    ("source", "name", "topic", "count"),
    [
        ("shopify", "customers_update", "customers/update", 1),
        ("shopify", "checkouts_update", "checkouts/update", 2),
        ("woocommerce", "customer_updated", "customer.updated", 1),
        ("woocommerce", "order_created", "order.created", 2),
        ("woocommerce", "order_updated_refunded", "order.updated", 4),
        ("stripe", "customer_updated", "", 1),
        ("stripe", "checkout_session_completed", "", 2),
        ("stripe", "invoice_paid", "", 2),
        ("stripe", "charge_refunded", "", 1),
        ("stripe", "customer_subscription_deleted", "", 1),
    ],
)
async def test_every_webhook_is_taken_through_the_door(
    world: World, source: str, name: str, topic: str, count: int
) -> None:
    answer = await send(world, source, payload(source, name), topic)
    assert (answer.status_code, answer.json()) == (200, {"events": count, "products": 0})
    assert len(await events(world)) == count


@pytest.mark.parametrize(
    ("source", "header"),
    [
        ("shopify", "X-Shopify-Hmac-Sha256"),
        ("woocommerce", "X-WC-Webhook-Signature"),
        ("stripe", "Stripe-Signature"),
    ],
)
@pytest.mark.parametrize("signature", ["", "AAAA", "t=1,v1=00"])
async def test_a_wrong_signature_is_turned_away(world: World, source: str, header: str, signature: str) -> None:
    answer = await send(world, source, {"id": 1}, "orders/create", **{header: signature})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert await events(world) == []


async def test_woocommerce_may_ask_whether_somebody_is_there(world: World) -> None:
    answer = await world.http.post("/v1/sources/woocommerce", content=b"webhook_id=7")
    assert (answer.status_code, answer.json()) == (200, {"events": 0, "products": 0})


async def test_what_is_signed_and_no_object_is_refused(world: World) -> None:
    body = b"[]"
    headers = {"X-Shopify-Hmac-Sha256": signed_base64(body, KEYS["shopify"])}
    answer = await world.http.post("/v1/sources/shopify", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "refused")


async def test_an_event_that_cannot_be_taken_stops_no_webhook(world: World) -> None:
    customer = payload("shopify", "customers_update", tags=", ".join(["x" * 1000] * 40))
    assert (await send(world, "shopify", customer, "customers/update")).json() == {"events": 0, "products": 0}


async def test_without_a_secret_nothing_is_taken_and_the_mend_is_told(database_url: str) -> None:
    async with world(database_url) as bare:
        answer = await send(bare, "stripe", payload("stripe", "invoice_paid"))
    assert (answer.status_code, answer.json()["code"]) == (404, "source_not_configured")
    assert "JOURNEYMAN_STRIPE_WEBHOOK_SECRET" in answer.json()["errors"][0]["mend"]
