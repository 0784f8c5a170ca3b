"""Shopify's webhooks (shopify.dev/docs/api/webhooks): customers, checkouts, orders, refunds and products.

Customers are known by `shopify:` and their id as an anonymous id, so that an `identify` of the shop's own pages can
join them with a user id. A cart attribute `user_id` names the shop's own user.
"""

from datetime import datetime
from typing import Any

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
    instant,
    part,
    parts,
    text,
    total,
)

SOURCE = "shopify"
USER_ID = "user_id"
CUSTOMERS = frozenset({"customers/create", "customers/update", "customers/enable"})
CARTS = {"checkouts/create": "Checkout Started", "checkouts/update": "Cart Updated"}
ORDERS = {
    "orders/create": ("Order Completed", "completed"),
    "orders/paid": ("Order Completed", "completed"),
    "orders/cancelled": ("Order Cancelled", "cancelled"),
}
"""What an order's topic is called, and what of it is told once however many topics tell it."""
PRODUCTS = frozenset({"products/create", "products/update"})


def verify(secret: str, delivery: Delivery, _now: datetime) -> None:
    verify_base64(secret, delivery.body, delivery.header("x-shopify-hmac-sha256"))


def read(delivery: Delivery, document: Document, currency: str | None) -> Told:
    """What a delivery tells, by its topic."""
    topic = delivery.header("x-shopify-topic") or ""
    # One action in the shop may be told under several topics, all with the same event id.
    told_as = delivery.header("x-shopify-event-id", "x-shopify-webhook-id") or delivery.digest
    base = f"{SOURCE}:{topic}:{told_as}"
    if topic in PRODUCTS:
        return Told(products=[product(document, currency)])
    if topic == "products/delete":
        return Told(gone=gone(document))
    if topic in CUSTOMERS:
        return Told([_identify(document, base)])
    if topic in CARTS:
        return _cart(CARTS[topic], document, base)
    if topic in ORDERS:
        name, once = ORDERS[topic]
        return _order(name, document, f"{order_id(document)}:{once}")
    return _refund(document) if topic == "refunds/create" else Told()


def order_id(document: Document) -> str:
    """The message id of all that is told once of an order."""
    return f"{SOURCE}:order:{text(document, 'id')}"


def _identify(customer: Document, message_id: str) -> Call:
    traits = filled(
        email=text(customer, "email"),
        phone=text(customer, "phone") or text(part(customer, "default_address"), "phone"),
        firstName=text(customer, "first_name"),
        lastName=text(customer, "last_name"),
        createdAt=text(customer, "created_at"),
        address=_address(part(customer, "default_address")),
        tags=[tag for tag in (text(customer, "tags") or "").split(", ") if tag],
    )
    at = text(customer, "updated_at", "created_at")
    return Call(call("identify", message_id, _who(customer, customer), at, traits=traits), _consents(customer))


def _consents(customer: Document) -> dict[str, Document]:
    """What the customer said of marketing, and when; who was never asked has said nothing.

    It stays in her record for ever, so that a yes counts only as of the instant at which she gave it.
    """
    words = {"subscribed": "yes", "unsubscribed": "no"}
    channels = {"email": "email_marketing_consent", "sms": "sms_marketing_consent"}
    found = {}
    for channel, name in channels.items():
        said = part(customer, name)
        status = words.get(text(said, "state") or "")
        if status is not None:
            found[channel] = {"status": status, "at": instant(text(said, "consent_updated_at"))}
    return found


def _who(customer: Document, document: Document) -> Document:
    number = text(customer, "id")
    attributes = {text(one, "name"): text(one, "value") for one in parts(document, "note_attributes")}
    anonymous = f"{SOURCE}:{number}" if number else guest(SOURCE, text(document, "email", "contact_email"))
    return filled(userId=attributes.get(USER_ID), anonymousId=anonymous, context=_context(number))


def _context(number: str | None) -> Document:
    ids = {"id": number, "type": "shopify_customer_id", "collection": "users", "encoding": "none"}
    return filled(integration=SOURCE, externalIds=[ids] if number else None)


def _cart(name: str, checkout: Document, base: str) -> Told:
    """A checkout that is under way; one that has become an order is told by the order."""
    who = _who(part(checkout, "customer"), checkout)
    if text(checkout, "completed_at") or not who.get("anonymousId"):
        return Told()
    properties = filled(
        cart_id=text(checkout, "cart_token", "token"),
        checkout_id=text(checkout, "token", "id"),
        checkout_url=text(checkout, "abandoned_checkout_url"),
        **_sums(checkout),
    )
    at = text(checkout, "updated_at", "created_at")
    track = call("track", base, who, at, event=name, properties=properties)
    return Told([*_introduced(checkout, who, base), Call(track)])


def _order(name: str, order: Document, message_id: str) -> Told:
    who = _who(part(order, "customer"), order)
    if not who.get("anonymousId"):
        return Told()
    properties = filled(
        order_id=text(order, "id"),
        order_number=text(order, "name"),
        cart_id=text(order, "cart_token"),
        checkout_id=text(order, "checkout_token"),
        reason=text(order, "cancel_reason"),
        **_sums(order),
    )
    at = text(order, *(("cancelled_at",) if name == "Order Cancelled" else ()), "processed_at", "created_at")
    track = call("track", message_id, who, at, event=name, properties=properties)
    return Told([*_introduced(order, who, message_id), Call(track)])


def _introduced(document: Document, who: Document, message_id: str) -> list[Call]:
    """The customer as the checkout or order knows her."""
    customer = {**part(document, "customer")}
    customer.setdefault("email", text(document, "email", "contact_email"))
    customer.setdefault("phone", text(document, "phone"))
    customer.setdefault("default_address", part(document, "shipping_address") or part(document, "billing_address"))
    found = _identify(customer, f"{message_id}:identify")
    return [Call({**found.document, **who}, found.consents)]


def _sums(document: Document) -> Document:
    codes = [text(one, "code") for one in parts(document, "discount_codes")]
    return filled(
        revenue=amount(document, "total_price", "subtotal_price"),
        value=amount(document, "total_price"),
        total=amount(document, "total_price"),
        subtotal=amount(document, "subtotal_price"),
        tax=amount(document, "total_tax"),
        discount=amount(document, "total_discounts"),
        shipping=amount(part(document, "total_shipping_price_set", "shop_money"), "amount"),
        currency=text(document, "currency"),
        coupon=next((code for code in codes if code), None),
        products=[_line(one) for one in parts(document, "line_items")[:MOST_LINES]],
    )


def _line(line: Document) -> Document:
    return filled(
        product_id=text(line, "product_id"),
        variant=text(line, "variant_id"),
        sku=text(line, "sku"),
        name=text(line, "title"),
        brand=text(line, "vendor"),
        price=amount(line, "price"),
        quantity=amount(line, "quantity"),
    )


def _refund(refund: Document) -> Told:
    """A refund names its order and not its customer."""
    paid_back = [
        one for one in parts(refund, "transactions") if one.get("kind") == "refund" and one.get("status") == "success"
    ]
    lines = [
        _line({**part(one, "line_item"), "quantity": one.get("quantity")}) for one in parts(refund, "refund_line_items")
    ]
    properties = filled(
        order_id=text(refund, "order_id"),
        refund_id=text(refund, "id"),
        reason=text(refund, "note"),
        total=total(paid_back, "amount"),
        currency=next((code for one in paid_back if (code := text(one, "currency"))), None),
        products=lines[:MOST_LINES],
    )
    at = text(refund, "processed_at", "created_at")
    message_id = f"{SOURCE}:refund:{text(refund, 'id')}"
    who = {"context": _context(None)}
    document = call("track", message_id, who, at, event="Order Refunded", properties=properties)
    return Told([Call(document, about_order=f"{order_id({'id': refund.get('order_id')})}:completed")])


def product(document: Document, currency: str | None) -> Document:
    """A product of the catalogue. Shopify does not say the shop's currency; without one prices are left out."""
    variants = [_variant(one, currency) for one in parts(document, "variants")]
    prices: list[Any] = [one["price"] for one in variants if "price" in one]
    handle = text(document, "handle")
    return filled(
        id=text(document, "id"),
        name=text(document, "title"),
        currency=currency,
        price=min(prices, default=None),
        categories=[kind] if (kind := text(document, "product_type")) else None,
        image_url=text(part(document, "image"), "src"),
        fields=filled(handle=handle, vendor=text(document, "vendor"), status=text(document, "status")),
        variants=variants,
    )


def _variant(variant: Document, currency: str | None) -> Document:
    # A stock that Shopify does not manage says nothing about what there is.
    stock = amount(variant, "inventory_quantity") if variant.get("inventory_management") else None
    return filled(
        id=text(variant, "id"),
        title=text(variant, "title"),
        price=amount(variant, "price") if currency else None,
        currency=currency,
        fields=filled(sku=text(variant, "sku"), barcode=text(variant, "barcode")),
    ) | ({} if stock is None else {"stock": stock})


def _address(document: Document) -> Document:
    return address(document, ("address1", "address2"), "zip", "province_code", "country_code")


PROVIDER = Provider(SOURCE, "JOURNEYMAN_SHOPIFY_WEBHOOK_SECRET", verify, read)
