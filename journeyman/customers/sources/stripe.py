"""Stripe's webhooks (docs.stripe.com/webhooks): customers, checkouts, invoices, refunds and subscriptions.

Amounts come in the currency's smallest unit (docs.stripe.com/currencies) and go on in whole units.
"""

import hmac
from datetime import UTC, datetime
from decimal import Decimal

from journeyman.customers.sources.deliveries import Call, Delivery, Provider, Told
from journeyman.customers.sources.errors import SignatureError
from journeyman.customers.sources.fields import (
    MOST_LINES,
    Document,
    address,
    amount,
    call,
    filled,
    guest,
    part,
    parts,
    plain,
    text,
)

SOURCE = "stripe"
TOLERANCE = 300
"""Seconds between signing and arriving, Stripe's own default."""

WITHOUT_MINOR_UNIT = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
"""ISK and UGX are not among them: Stripe writes those with two places that are always zero."""
WITH_THREE_PLACES = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
SUBSCRIPTIONS = {
    "customer.subscription.created": "Subscription Started",
    "customer.subscription.updated": "Subscription Updated",
    "customer.subscription.paused": "Subscription Paused",
    "customer.subscription.resumed": "Subscription Resumed",
    "customer.subscription.trial_will_end": "Trial Ending",
    "customer.subscription.deleted": "Subscription Cancelled",
}


def verify(secret: str, delivery: Delivery, now: datetime) -> None:
    """`Stripe-Signature: t=…,v1=…`: hexadecimal HMAC-SHA256 of time, point and body; one of several `v1` suffices."""
    pairs = [pair.strip().partition("=") for pair in (delivery.header("stripe-signature") or "").split(",")]
    signed_at = next((value for name, _, value in pairs if name == "t"), "")
    if not (signed_at.isascii() and signed_at.isdecimal() and len(signed_at) < 15):  # noqa: PLR2004 - no overflow
        raise SignatureError("The header Stripe-Signature is missing, or does not say when it was signed.")
    expected = hmac.digest(secret.encode(), f"{signed_at}.".encode() + delivery.body, "sha256").hex()
    given = [value for name, _, value in pairs if name == "v1"]
    if not any(hmac.compare_digest(expected.encode(), one.encode(errors="replace")) for one in given):
        raise SignatureError("The signature does not fit the body: the secret is another, or the body was changed.")
    if abs(now.timestamp() - int(signed_at)) > TOLERANCE:
        raise SignatureError(f"The call was signed more than {TOLERANCE} seconds from now.")


def read(delivery: Delivery, document: Document, _currency: str | None) -> Told:
    """What an event tells, by its type."""
    kind, thing = text(document, "type") or "", part(document, "data", "object")
    base = f"{SOURCE}:{text(document, 'id') or delivery.digest}"
    at = instant(document.get("created"))
    match kind:
        case "customer.created" | "customer.updated":
            return Told([_identify(thing, _who(text(thing, "id"), thing), base, at)])
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
            return _checkout(thing, at)
        case "invoice.paid":
            return _invoice(thing, at)
        case "charge.refunded":
            return _refund(thing, part(document, "data", "previous_attributes"), base, at)
        case _ if kind in SUBSCRIPTIONS:
            return _subscription(SUBSCRIPTIONS[kind], thing, base, at)
        case _:
            return Told()


def instant(seconds: object) -> str | None:
    """A Unix time as RFC 3339."""
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 10**11:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def money(minor: float | None, currency: str | None) -> float | None:
    """An amount in whole units of its currency."""
    if minor is None:
        return None
    code = (currency or "").lower()
    places = 0 if code in WITHOUT_MINOR_UNIT else 3 if code in WITH_THREE_PLACES else 2
    return plain(Decimal(str(minor)).scaleb(-places))


def _who(number: str | None, document: Document, email: str | None = None) -> Document:
    """Whom it concerns: Stripe's customer, else somebody by her address; and the shop's own user where it said so."""
    user_id = text(part(document, "metadata"), "user_id") or text(document, "client_reference_id")
    ids = {"id": number, "type": "stripe_customer_id", "collection": "users", "encoding": "none"}
    return filled(
        userId=user_id,
        anonymousId=f"{SOURCE}:{number}" if number else guest(SOURCE, email),
        context=filled(integration=SOURCE, externalIds=[ids] if number else None),
    )


def _names_somebody(who: Document) -> bool:
    return "userId" in who or "anonymousId" in who


def _identify(customer: Document, who: Document, base: str, at: str | None, consents: Document | None = None) -> Call:
    traits = filled(
        email=text(customer, "email"),
        phone=text(customer, "phone"),
        name=text(customer, "name"),
        createdAt=instant(customer.get("created")),
        address=_address(part(customer, "address")),
    )
    return Call(call("identify", f"{base}:identify", who, at, traits=traits), consents or {})


def _address(document: Document) -> Document:
    return address(document, ("line1", "line2"), "postal_code", "state", "country")


def _checkout(session: Document, at: str | None) -> Told:
    """A checkout that is paid is an order; where an invoice belongs to it, it is that one's, which is told as well."""
    details = part(session, "customer_details")
    who = _who(text(session, "customer"), session, text(details, "email"))
    order = text(session, "invoice", "payment_intent", "id")
    if text(session, "payment_status") != "paid" or not _names_somebody(who):
        return Told()
    currency, sums = text(session, "currency"), part(session, "total_details")
    properties = filled(
        order_id=order,
        checkout_id=text(session, "id"),
        revenue=money(amount(session, "amount_total"), currency),
        total=money(amount(session, "amount_total"), currency),
        subtotal=money(amount(session, "amount_subtotal"), currency),
        tax=money(amount(sums, "amount_tax"), currency),
        shipping=money(amount(sums, "amount_shipping"), currency),
        discount=money(amount(sums, "amount_discount"), currency),
        currency=currency.upper() if currency else None,
        subscription_id=text(session, "subscription"),
    )
    said = {"opt_in": "yes", "opt_out": "no"}.get(text(part(session, "consent"), "promotions") or "")
    base = f"{SOURCE}:order:{order}"
    known = {**details, "created": None}
    track = call("track", f"{base}:completed", who, at, event="Order Completed", properties=properties)
    return Told(
        [
            _identify(known, who, f"{base}:checkout", at, {"email": {"status": said, "at": at}} if said else None),
            Call(track),
        ]
    )


def _invoice(invoice: Document, at: str | None) -> Told:
    """An invoice that somebody paid for is an order; one over nothing, as for a trial, is none."""
    currency, email = text(invoice, "currency"), text(invoice, "customer_email")
    who = _who(text(invoice, "customer"), invoice, email)
    paid = amount(invoice, "amount_paid")
    if not paid or not _names_somebody(who):
        return Told()
    parent = part(invoice, "parent", "subscription_details")
    properties = filled(
        order_id=text(invoice, "id"),
        order_number=text(invoice, "number"),
        revenue=money(paid, currency),
        total=money(amount(invoice, "total"), currency),
        subtotal=money(amount(invoice, "subtotal"), currency),
        currency=currency.upper() if currency else None,
        subscription_id=text(invoice, "subscription") or text(parent, "subscription"),
        billing_reason=text(invoice, "billing_reason"),
        products=[_line(one, currency) for one in parts(invoice, "lines", "data")[:MOST_LINES]],
    )
    customer = {name: invoice.get(f"customer_{name}") for name in ("email", "name", "phone", "address")}
    base = f"{SOURCE}:order:{text(invoice, 'id')}"
    track = call("track", f"{base}:completed", who, at, event="Order Completed", properties=properties)
    return Told([_identify(customer, who, f"{base}:invoice", at), Call(track)])


def _line(line: Document, currency: str | None) -> Document:
    """A line of an invoice; its price stands under `price` until 2025 and under `pricing` since."""
    price, pricing = part(line, "price"), part(line, "pricing", "price_details")
    return filled(
        product_id=text(price, "product") or text(pricing, "product"),
        sku=text(price, "id") or text(pricing, "price"),
        name=text(line, "description"),
        price=money(amount(price, "unit_amount"), currency) or money(amount(line, "amount"), currency),
        quantity=amount(line, "quantity"),
    )


def _refund(charge: Document, before: Document, base: str, at: str | None) -> Told:
    """A charge tells what was given back in all; what it was before tells how much of that is new."""
    currency = text(charge, "currency")
    who = _who(text(charge, "customer"), charge, text(part(charge, "billing_details"), "email"))
    new = (amount(charge, "amount_refunded") or 0) - (amount(before, "amount_refunded") or 0)
    if not _names_somebody(who):
        return Told()
    properties = filled(
        order_id=text(charge, "invoice", "payment_intent", "id"),
        charge_id=text(charge, "id"),
        total=money(new, currency),
        currency=currency.upper() if currency else None,
    )
    return Told([Call(call("track", base, who, at, event="Order Refunded", properties=properties))])


def _subscription(name: str, subscription: Document, base: str, at: str | None) -> Told:
    who = _who(text(subscription, "customer"), subscription)
    item = next(iter(parts(subscription, "items", "data")), {})
    price = part(item, "price")
    currency = text(price, "currency") or text(subscription, "currency")
    properties = filled(
        subscription_id=text(subscription, "id"),
        status=text(subscription, "status"),
        plan=text(price, "nickname", "lookup_key", "id"),
        product_id=text(price, "product"),
        price=money(amount(price, "unit_amount"), currency),
        quantity=amount(item, "quantity"),
        interval=text(part(price, "recurring"), "interval"),
        currency=currency.upper() if currency else None,
        # The period belongs to the subscription until 2025 and to its items since.
        current_period_end=instant(subscription.get("current_period_end") or item.get("current_period_end")),
        trial_end=instant(subscription.get("trial_end")),
        cancel_at=instant(subscription.get("cancel_at")),
        reason=text(part(subscription, "cancellation_details"), "feedback", "reason"),
    )
    if not _names_somebody(who):
        return Told()
    return Told([Call(call("track", base, who, at, event=name, properties=properties))])


PROVIDER = Provider(SOURCE, "JOURNEYMAN_STRIPE_WEBHOOK_SECRET", verify, read)
