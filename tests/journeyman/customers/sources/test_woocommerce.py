"""What WooCommerce's webhooks become."""

from typing import Any

import pytest

from journeyman.customers.sources.deliveries import Delivery
from journeyman.customers.sources.woocommerce import is_probe
from tests.journeyman.customers.sources.payloads import calls, payload, told

SHOP = {"x_wc_webhook_source": "https://shop.example/", "x_wc_webhook_delivery_id": "d1"}
ANN = "woocommerce:shop.example:25"


def events(topic: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    return calls(told("woocommerce", document, x_wc_webhook_topic=topic, **SHOP))


def test_a_customer_is_identified_with_what_her_billing_address_adds() -> None:
    (call,) = events("customer.updated", payload("woocommerce", "customer_updated"))
    assert (call["messageId"], call["anonymousId"]) == ("woocommerce:shop.example:d1", ANN)
    (external,) = call["context"]["externalIds"]
    assert (external["type"], external["id"]) == ("woocommerce_customer_id", "shop.example:25"), "as shops count alike"
    assert call["traits"] == {
        "email": "ann@example.com",
        "phone": "+48600100200",
        "firstName": "Ann",
        "lastName": "Nowak",
        "createdAt": "2026-01-10T08:00:00",
        "address": {"street": "Długa 7, m. 3", "city": "Gdańsk", "postalCode": "80-001", "country": "PL"},
    }


def test_a_paid_order_is_completed_once_however_often_it_is_told() -> None:
    order = payload("woocommerce", "order_created")
    _, track = events("order.created", order)
    later = events("order.updated", order | {"status": "completed", "date_modified_gmt": "2026-03-04T09:00:00"})
    assert later[1]["messageId"] == track["messageId"] == "woocommerce:shop.example:order:727:completed"
    assert (track["event"], track["anonymousId"], track["timestamp"]) == ("Order Completed", ANN, "2026-03-02T12:00:30")
    properties = track["properties"]
    assert (properties["revenue"], properties["currency"], properties["coupon"]) == (29.35, "EUR", "spring")
    assert properties["products"] == [
        {"product_id": "93", "name": "Woo Single #1", "price": 3, "quantity": 2},
        {
            "product_id": "22",
            "variant": "23",
            "sku": "Bar3",
            "name": "Ship Your Idea, Green, M",
            "price": 12,
            "quantity": 1,
        },
    ]


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("pending", "Checkout Started"),
        ("on-hold", "Checkout Started"),
        ("cancelled", "Order Cancelled"),
        ("failed", "Order Cancelled"),
    ],
)
def test_an_orders_state_says_what_has_happened(status: str, event: str) -> None:
    order = payload("woocommerce", "order_created", status=status)
    assert [call.get("event") for call in events("order.updated", order)] == [None, event]


def test_every_refund_of_an_order_is_an_event_of_its_own() -> None:
    found = events("order.updated", payload("woocommerce", "order_updated_refunded"))
    assert [call.get("event") for call in found] == [None, "Order Completed", "Order Refunded", "Order Refunded"]
    refunds = [call["properties"] for call in found[2:]]
    assert [(one["refund_id"], one["total"]) for one in refunds] == [("726", 10), ("724", 19.35)]
    assert refunds[1]["reason"] == "broken"


def test_guests_of_two_shops_are_two_people() -> None:
    order = payload("woocommerce", "order_created", customer_id=0)
    other = {**SHOP, "x_wc_webhook_source": "https://other.example/"}
    (one,) = {call["anonymousId"] for call in events("order.created", order)}
    found = calls(told("woocommerce", order, x_wc_webhook_topic="order.created", **other))
    assert one.startswith("woocommerce:shop.example:guest:")
    assert found[0]["anonymousId"].startswith("woocommerce:other.example:guest:")


def test_a_product_is_brought_up_to_date() -> None:
    document = payload("woocommerce", "product_updated")
    (product,) = told("woocommerce", document, x_wc_webhook_topic="product.updated", **SHOP).products
    assert product == {
        "id": "794",
        "name": "Premium Quality",
        "currency": "EUR",
        "price": 17.49,
        "compare_at_price": 21.99,
        "categories": ["Clothing", "T-shirts"],
        "url": "https://shop.example/product/premium-quality/",
        "image_url": "https://shop.example/T_2_front.jpg",
        "fields": {"sku": "PQ-1", "status": "publish"},
        "stock": 0,
    }
    (without,) = told(
        "woocommerce", document | {"manage_stock": False}, None, x_wc_webhook_topic="product.updated"
    ).products
    assert {"price", "compare_at_price", "stock", "currency"}.isdisjoint(without)


@pytest.mark.parametrize(("body", "probe"), [(b"webhook_id=7", True), (b"webhook_id=7&x=1", False), (b"{}", False)])
def test_the_question_whether_somebody_is_there_is_known(body: bytes, probe: bool) -> None:
    assert is_probe(Delivery({}, body)) is probe


@pytest.mark.parametrize("topic", ["coupon.created", "order.created", "order.deleted", "product.deleted", ""])
@pytest.mark.parametrize("document", [{}, {"billing": 7, "line_items": [None], "refunds": "x"}])
def test_what_holds_nothing_known_breaks_nothing(topic: str, document: dict[str, Any]) -> None:
    assert events(topic, document) == []
