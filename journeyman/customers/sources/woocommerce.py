"""WooCommerce's webhooks (woocommerce.github.io/woocommerce-rest-api-docs): customers, orders and products.

A webhook's body is what the REST API answers for the same thing. Ids count within one shop, so that the shop's host
stands in them.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

from journeyman.customers.sources.deliveries import Call, Delivery, Provider, Told, verify_base64
from journeyman.customers.sources.fields import (
    MOST_LINES,
    Document,
    address,
    amount,
    call,
    filled,
    gone,
    guest,
    part,
    parts,
    text,
)

SOURCE = "woocommerce"
COMPLETED = frozenset({"processing", "completed"})
UNDER_WAY = frozenset({"pending", "on-hold", "checkout-draft"})
CANCELLED = frozenset({"cancelled", "failed"})

_PROBE = re.compile(rb"webhook_id=\d+")


def verify(secret: str, delivery: Delivery, _now: datetime) -> None:
    verify_base64(secret, delivery.body, delivery.header("x-wc-webhook-signature"))


def is_probe(delivery: Delivery) -> bool:
    """WooCommerce asks once, when a webhook is made, and signs that with nothing."""
    return _PROBE.fullmatch(delivery.body) is not None


def read(delivery: Delivery, document: Document, currency: str | None) -> Told:
    """What a delivery tells, by its topic."""
    shop = urlsplit(delivery.header("x-wc-webhook-source") or "").hostname or "shop"
    topic = delivery.header("x-wc-webhook-topic") or ""
    told_as = delivery.header("x-wc-webhook-delivery-id", "x-wc-delivery-id") or delivery.digest
    match topic:
        case "customer.created" | "customer.updated":
            return Told([_identify(document, shop, f"{SOURCE}:{shop}:{told_as}")])
        case "order.created" | "order.updated" | "order.restored":
            return _order(document, shop)
        case "product.created" | "product.updated" | "product.restored":
            return Told(products=[product(document, currency)])
        case "product.deleted":
            return Told(gone=gone(document))
        case _:
            return Told()


def _identify(customer: Document, shop: str, message_id: str) -> Call:
    billing = part(customer, "billing")
    traits = filled(
        email=text(customer, "email") or text(billing, "email"),
        phone=text(billing, "phone"),
        firstName=text(customer, "first_name") or text(billing, "first_name"),
        lastName=text(customer, "last_name") or text(billing, "last_name"),
        createdAt=text(customer, "date_created_gmt"),
        address=_address(billing),
    )
    at = text(customer, "date_modified_gmt", "date_created_gmt")
    return Call(call("identify", message_id, _who(text(customer, "id"), traits, shop), at, traits=traits))


def _address(billing: Document) -> Document:
    return address(billing, ("address_1", "address_2"), "postcode", "state", "country")


def _who(number: str | None, traits: Document, shop: str) -> Document:
    known = number not in (None, "0")
    anonymous = f"{SOURCE}:{shop}:{number}" if known else guest(f"{SOURCE}:{shop}", traits.get("email"))
    ids = {"id": f"{shop}:{number}", "type": "woocommerce_customer_id", "collection": "users", "encoding": "none"}
    return filled(anonymousId=anonymous, context=filled(integration=SOURCE, externalIds=[ids] if known else None))


def _order(order: Document, shop: str) -> Told:
    """What the order's state says has happened, each thing once however often the order is told."""
    base = f"{SOURCE}:{shop}:order:{text(order, 'id')}"
    introduced = _introduced(order, shop, base)
    if "anonymousId" not in introduced.document:
        return Told()
    who: Document = {name: introduced.document[name] for name in ("anonymousId", "context")}
    tracks = [
        Call(call("track", f"{base}:{what}", who, at, event=name, properties=properties))
        for what, name, at, properties in _happened(order)
    ]
    return Told([introduced, *tracks]) if tracks else Told()


def _introduced(order: Document, shop: str, base: str) -> Call:
    """The customer as the order knows her: what a customer's own record tells beside is not touched."""
    customer = {"id": order.get("customer_id"), "billing": order.get("billing")}
    at = text(order, "date_modified_gmt", "date_created_gmt")
    found = _identify(customer, shop, f"{base}:identify:{text(order, 'status')}")
    return Call({**found.document, **filled(timestamp=at)})


def _happened(order: Document) -> list[tuple[str, str, str | None, Document]]:
    status, properties = text(order, "status"), _sums(order)
    created, modified = text(order, "date_created_gmt"), text(order, "date_modified_gmt")
    refunds = [
        (f"refund:{text(one, 'id')}", "Order Refunded", modified, _refund(order, one))
        for one in parts(order, "refunds")
    ]
    if status in COMPLETED or (status == "refunded" and text(order, "date_paid_gmt")):
        paid = text(order, "date_paid_gmt") or created
        return [("completed", "Order Completed", paid, properties), *refunds]
    if status in CANCELLED:
        return [("cancelled", "Order Cancelled", modified, properties)]
    if status in UNDER_WAY:
        return [("started", "Checkout Started", created, properties)]
    return refunds


def _sums(order: Document) -> Document:
    return filled(
        order_id=text(order, "id"),
        order_number=text(order, "number"),
        cart_id=text(order, "cart_hash"),
        status=text(order, "status"),
        revenue=amount(order, "total"),
        total=amount(order, "total"),
        tax=amount(order, "total_tax"),
        shipping=amount(order, "shipping_total"),
        discount=amount(order, "discount_total"),
        currency=text(order, "currency"),
        coupon=next((code for one in parts(order, "coupon_lines") if (code := text(one, "code"))), None),
        products=[_line(one) for one in parts(order, "line_items")[:MOST_LINES]],
    )


def _line(line: Document) -> Document:
    variant = text(line, "variation_id")
    return filled(
        product_id=text(line, "product_id"),
        variant=variant if variant != "0" else None,
        sku=text(line, "sku"),
        name=text(line, "name"),
        price=amount(line, "price"),
        quantity=amount(line, "quantity"),
    )


def _refund(order: Document, refund: Document) -> Document:
    """A refund's total is written with a minus."""
    given_back = amount(refund, "total")
    return filled(
        order_id=text(order, "id"),
        refund_id=text(refund, "id"),
        reason=text(refund, "reason"),
        total=None if given_back is None else abs(given_back),
        currency=text(order, "currency"),
    )


def product(document: Document, currency: str | None) -> Document:
    """A product of the catalogue. WooCommerce does not say the shop's currency; without one prices are left out."""
    price, regular = amount(document, "price", "regular_price"), amount(document, "regular_price")
    stock = amount(document, "stock_quantity") if document.get("manage_stock") is True else None
    image = next((found for one in parts(document, "images") if (found := text(one, "src"))), None)
    return filled(
        id=text(document, "id"),
        name=text(document, "name"),
        currency=currency,
        price=price if currency else None,
        compare_at_price=regular if currency and regular != price else None,
        categories=[name for one in parts(document, "categories") if (name := text(one, "name"))],
        url=text(document, "permalink"),
        image_url=image,
        fields=filled(sku=text(document, "sku"), status=text(document, "status")),
    ) | ({} if stock is None else {"stock": stock})


PROVIDER = Provider(SOURCE, "JOURNEYMAN_WOOCOMMERCE_WEBHOOK_SECRET", verify, read, is_probe)
