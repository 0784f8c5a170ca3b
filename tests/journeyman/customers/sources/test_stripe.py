"""What Stripe's events become, and how its signature is checked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.customers.sources.deliveries import Delivery
from journeyman.customers.sources.errors import SignatureError
from journeyman.customers.sources.stripe import instant, money, verify
from tests.journeyman.customers.sources.payloads import calls, payload, signed_by_stripe, told

ANN = "stripe:cus_NffrFeUfNV2Hib"
NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)
BODY = b'{"id": "evt_1"}'


def events(name: str, **changes: Any) -> list[dict[str, Any]]:
    document = payload("stripe", name)
    document["data"]["object"] |= changes
    return calls(told("stripe", document))


def test_a_customer_is_identified_under_the_shops_own_user_id_too() -> None:
    (call,) = events("customer_updated")
    assert (call["userId"], call["anonymousId"]) == ("ann", ANN)
    assert call["traits"]["name"] == "Ann Nowak"
    assert call["traits"]["createdAt"] == "2026-01-10T09:00:00+00:00"
    assert call["traits"]["address"]["country"] == "PL"


def test_a_paid_checkout_is_an_order_of_a_guest() -> None:
    found = told("stripe", payload("stripe", "checkout_session_completed"))
    identify, track = calls(found)
    assert found.calls[0].consents == {"email": {"status": "yes", "at": "2026-03-02T13:00:00+00:00"}}
    assert identify["anonymousId"] == track["anonymousId"]
    assert identify["anonymousId"].startswith("stripe:guest:")
    assert track["properties"] == {
        "order_id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "checkout_id": "cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u",
        "revenue": 24.98,
        "total": 24.98,
        "subtotal": 21.98,
        "tax": 0,
        "shipping": 3,
        "discount": 0,
        "currency": "EUR",
    }


def test_a_checkout_that_is_not_paid_is_no_order_yet() -> None:
    assert events("checkout_session_completed", payment_status="unpaid") == []


def test_a_subscriptions_checkout_and_its_first_invoice_are_one_order() -> None:
    _, checkout = events("checkout_session_completed_subscription")
    _, invoice = events("invoice_paid")
    assert checkout["messageId"] == invoice["messageId"] == "stripe:order:in_1MtHbELkdIwHu7ixl4OzzPMv:completed"
    assert checkout["anonymousId"] == invoice["anonymousId"] == ANN
    assert invoice["properties"]["subscription_id"] == "sub_1MowQVLkdIwHu7ixeRlqHVzs"
    assert invoice["properties"]["products"] == [
        {
            "product_id": "prod_NZKdYqrwEYx6iK",
            "sku": "price_1MowQULkdIwHu7ixraBm864M",
            "name": "Box (at €24.98 / month)",
            "price": 24.98,
            "quantity": 1,
        }
    ]


def test_an_invoice_over_nothing_is_no_order() -> None:
    assert events("invoice_paid", amount_paid=0) == []


def test_a_second_refund_counts_only_what_is_new() -> None:
    (track,) = events("charge_refunded")
    assert (track["event"], track["messageId"]) == ("Order Refunded", "stripe:evt_1Re2")
    assert track["properties"] == {
        "order_id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "charge_id": "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "total": 10,
        "currency": "EUR",
    }
    (guest,) = {call["anonymousId"] for call in events("checkout_session_completed")}
    assert track["anonymousId"] == guest, "the same person by the same address"


def test_a_subscription_that_ends_is_told_with_its_reason() -> None:
    (track,) = events("customer_subscription_deleted")
    assert track["event"] == "Subscription Cancelled"
    properties = track["properties"]
    assert (properties["plan"], properties["price"], properties["interval"]) == ("Box", 24.98, "month")
    assert (properties["reason"], properties["current_period_end"][:10]) == ("too_expensive", "2026-04-02")


@pytest.mark.parametrize(
    ("minor", "currency", "whole"),
    [
        (1099, "eur", 10.99),
        (500, "JPY", 500),
        (5120, "kwd", 5.12),
        (500, "isk", 5),
        (None, "eur", None),
        (7, None, 0.07),
    ],
)
def test_amounts_come_in_the_smallest_unit(minor: float | None, currency: str | None, whole: float | None) -> None:
    assert money(minor, currency) == whole


@pytest.mark.parametrize("seconds", [None, True, "1", -5, 10**15])
def test_what_is_no_time_is_none(seconds: object) -> None:
    assert instant(seconds) is None


SECRET = "whsec_1"


def check(header: str | None, now: datetime = NOW, secret: str = SECRET) -> None:
    verify(secret, Delivery({"stripe-signature": header} if header is not None else {}, BODY), now)


def test_a_true_signature_passes_as_does_one_of_two() -> None:
    true = signed_by_stripe(BODY, "whsec_1", int(NOW.timestamp()))
    check(true)
    check(true.replace(",v1=", f",v1={'0' * 64},v1="), NOW + timedelta(seconds=300))


@pytest.mark.parametrize("header", [None, "", "t=,v1=", "t=1e9,v1=00", "v1=00", "t=²,v1=é", f"t={'9' * 400},v1=00"])
def test_a_header_that_is_none_is_turned_away(header: str | None) -> None:
    with pytest.raises(SignatureError):
        check(header)


def test_an_old_call_another_secret_and_another_body_are_turned_away() -> None:
    true = signed_by_stripe(BODY, "whsec_1", int(NOW.timestamp()))
    for now, secret in ((NOW + timedelta(seconds=301), "whsec_1"), (NOW, "whsec_2")):
        with pytest.raises(SignatureError):
            check(true, now, secret)
    with pytest.raises(SignatureError):
        check(signed_by_stripe(b"{}", "whsec_1", int(NOW.timestamp())))


@pytest.mark.parametrize("kind", ["charge.refunded", "invoice.paid", "checkout.session.completed", "account.updated"])
@pytest.mark.parametrize("thing", [None, {}, {"customer": [], "lines": 7, "amount_paid": "x"}])
def test_what_holds_nothing_known_breaks_nothing(kind: str, thing: object) -> None:
    assert calls(told("stripe", {"type": kind, "data": {"object": thing}})) == []
