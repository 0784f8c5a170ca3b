"""What Shopify's webhooks become."""

from typing import Any

import pytest

from tests.journeyman.customers.sources.payloads import calls, payload, told

ANN = "shopify:706405506930370084"


def events(topic: str, document: dict[str, Any], event_id: str = "e1") -> list[dict[str, Any]]:
    return calls(told("shopify", document, x_shopify_topic=topic, x_shopify_event_id=event_id))


def test_a_customer_is_identified_with_what_she_agreed_to() -> None:
    document = payload("shopify", "customers_update")
    found = told("shopify", document, x_shopify_topic="customers/update", x_shopify_event_id="e1")
    (call,) = found.calls
    assert call.consents == {"email": {"status": "yes", "at": "2026-01-10T09:00:00+01:00"}}, (
        "who was never asked about SMS has said nothing"
    )
    assert call.document == {
        "type": "identify",
        "messageId": "shopify:customers/update:e1",
        "timestamp": "2026-03-01T10:30:00+01:00",
        "anonymousId": ANN,
        "context": {
            "integration": "shopify",
            "externalIds": [
                {"id": ANN.split(":")[1], "type": "shopify_customer_id", "collection": "users", "encoding": "none"}
            ],
        },
        "traits": {
            "email": "ann@example.com",
            "phone": "+48600100200",
            "firstName": "Ann",
            "lastName": "Nowak",
            "createdAt": "2026-01-10T09:00:00+01:00",
            "address": {"street": "Długa 7, m. 3", "city": "Gdańsk", "postalCode": "80-001", "country": "PL"},
            "tags": ["loyal", "newsletter"],
        },
    }


def test_who_unsubscribed_in_the_shop_has_said_no() -> None:
    document = payload("shopify", "customers_update", email_marketing_consent={"state": "unsubscribed"})
    found = told("shopify", document, x_shopify_topic="customers/update")
    assert found.calls[0].consents == {"email": {"status": "no", "at": None}}


def test_an_order_is_completed_once_under_whichever_topic() -> None:
    order = payload("shopify", "orders_create")
    identify, track = events("orders/create", order, "e1")
    again = events("orders/paid", order, "e2")
    assert [call["messageId"] for call in again] == [identify["messageId"], track["messageId"]]
    assert (track["event"], track["anonymousId"], track["timestamp"]) == (
        "Order Completed",
        ANN,
        "2026-03-02T13:00:00+01:00",
    )
    properties = track["properties"]
    lines = properties.pop("products")
    assert properties == {
        "order_id": "820982911946154508",
        "order_number": "#1001",
        "cart_id": "hWN1FyNvcm9YbW",
        "checkout_id": "bd5a8aa1ecd019dd3520ff791ee3a24c",
        "revenue": 118.99,
        "value": 118.99,
        "total": 118.99,
        "subtotal": 109,
        "tax": 22.25,
        "discount": 5,
        "shipping": 9.99,
        "currency": "EUR",
        "coupon": "SPRING",
    }
    assert lines[1] == {
        "product_id": "632910392",
        "variant": "808950811",
        "sku": "SOCK-M",
        "name": "Wool socks",
        "brand": "Acme",
        "price": 12.05,
        "quantity": 2,
    }


def test_a_cart_attribute_names_the_shops_own_user() -> None:
    order = payload("shopify", "orders_create", note_attributes=[{"name": "user_id", "value": "u17"}])
    assert [(call["userId"], call["anonymousId"]) for call in events("orders/create", order)] == [("u17", ANN)] * 2


def test_a_guest_is_the_same_by_her_address_and_the_name_does_not_tell_it() -> None:
    guest = payload("shopify", "orders_create", customer=None)
    other = payload("shopify", "orders_create", customer=None, id=2, email="ANN@example.com")
    (one,), (two,) = ({call["anonymousId"] for call in events("orders/create", order)} for order in (guest, other))
    assert one == two
    assert one.startswith("shopify:guest:")
    assert "ann" not in one


def test_a_checkout_under_way_is_a_cart_and_one_that_is_an_order_is_not() -> None:
    checkout = payload("shopify", "checkouts_update")
    _, track = events("checkouts/update", checkout)
    assert track["event"] == "Cart Updated"
    assert track["properties"]["cart_id"] == "hWN1FyNvcm9YbW", "as in the order that comes of it"
    assert track["properties"]["value"] == 114
    assert track["properties"]["checkout_url"].startswith("https://shop.example/")
    assert events("checkouts/create", checkout)[1]["event"] == "Checkout Started"
    assert events("checkouts/update", checkout | {"completed_at": "2026-03-02T13:00:00+01:00"}) == []
    assert events("checkouts/update", checkout | {"customer": None, "email": None}) == []


def test_a_refund_names_its_order_and_counts_what_was_paid_back() -> None:
    found = told("shopify", payload("shopify", "refunds_create"), x_shopify_topic="refunds/create")
    (call,) = found.calls
    assert call.about_order == "shopify:order:820982911946154508:completed"
    assert call.document["messageId"] == "shopify:refund:890088186047892319"
    properties = call.document["properties"]
    assert (properties["total"], properties["currency"], properties["reason"]) == (12.05, "EUR", "too small")
    assert [(line["sku"], line["quantity"]) for line in properties["products"]] == [("SOCK-M", 1)]


def test_a_cancelled_order_is_told_at_its_own_time() -> None:
    order = payload("shopify", "orders_create", cancelled_at="2026-03-03T10:00:00+01:00", cancel_reason="customer")
    _, track = events("orders/cancelled", order)
    assert (track["event"], track["timestamp"]) == ("Order Cancelled", "2026-03-03T10:00:00+01:00")
    assert track["properties"]["reason"] == "customer"


def test_a_product_has_the_currency_of_the_shop_and_stock_where_it_is_managed() -> None:
    document = payload("shopify", "products_update")
    (product,) = told("shopify", document, x_shopify_topic="products/update").products
    variants = product.pop("variants")
    assert product == {
        "id": "788032119674292922",
        "name": "Running shoe",
        "currency": "EUR",
        "price": 84.9,
        "categories": ["Shoes"],
        "image_url": "https://cdn.shop.example/shoe.png",
        "fields": {"handle": "running-shoe", "vendor": "Acme", "status": "active"},
    }
    assert [(one["id"], one["price"], one.get("stock")) for one in variants] == [
        ("808950810", 89.9, 0),
        ("808950812", 84.9, None),
    ]
    (without,) = told("shopify", document, None, x_shopify_topic="products/update").products
    assert "price" not in without
    assert all("price" not in one for one in without["variants"])


@pytest.mark.parametrize("topic", ["app/uninstalled", "customers/redact", "orders/create", "products/update", ""])
@pytest.mark.parametrize("document", [{}, {"customer": 7, "line_items": [None], "email": []}, {"transactions": "x"}])
def test_what_holds_nothing_known_breaks_nothing(topic: str, document: dict[str, Any]) -> None:
    assert events(topic, document) == []
