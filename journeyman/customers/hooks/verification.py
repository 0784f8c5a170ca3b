"""Proving that a webhook is genuine: who holds the secret made it, of this body, and not long ago."""

import base64
import binascii
import hmac
from datetime import datetime

from journeyman.customers.hooks.document import Verification
from journeyman.customers.sources import stripe
from journeyman.customers.sources.deliveries import Delivery
from journeyman.customers.sources.errors import SignatureError

TOLERANCE = 300
"""Seconds between the clocks (Standard Webhooks: within some tolerance; Stripe's libraries: five minutes)."""
WRONG = "The signature does not fit the body: the secret is another, or the body was changed."


def verify(rule: Verification, secret: str, delivery: Delivery, now: datetime) -> None:
    """Raises `SignatureError`."""
    if rule.way == "stripe":
        stripe.verify(secret, delivery, now)
    elif rule.way == "standard_webhooks":
        _standard(secret, delivery, now)
    elif rule.way == "zendesk":
        _zendesk(secret, delivery, now)
    elif rule.way == "bearer":
        _must_be(f"Bearer {secret}", delivery.header("authorization"), "The token is another.")
    else:
        made = hmac.digest(secret.encode(), delivery.body, "sha256")
        text = made.hex() if rule.encoding == "hex" else base64.b64encode(made).decode()
        given = delivery.header((rule.header or "").lower())
        _must_be(rule.prefix + text, given)


def _standard(secret: str, delivery: Delivery, now: datetime) -> None:
    """Standard Webhooks: `v1,` and Base64 of id, time and body; one of several signatures suffices."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise SignatureError("The secret is none of Standard Webhooks: it is `whsec_` and Base64.") from None
    message, at = delivery.header("webhook-id") or "", delivery.header("webhook-timestamp") or ""
    _must_be_recent(at, now)
    made = base64.b64encode(hmac.digest(key, f"{message}.{at}.".encode() + delivery.body, "sha256")).decode()
    given = (delivery.header("webhook-signature") or "").split(" ")
    if not any(_is(f"v1,{made}", one) for one in given):
        raise SignatureError(WRONG)


def _zendesk(secret: str, delivery: Delivery, now: datetime) -> None:
    """Base64 of time and body (developer.zendesk.com, Verifying webhook authenticity)."""
    at = delivery.header("x-zendesk-webhook-signature-timestamp") or ""
    try:
        signed_at = datetime.fromisoformat(at).timestamp()
    except ValueError:
        raise SignatureError("The header that says when it was signed is missing, or says nothing.") from None
    made = base64.b64encode(hmac.digest(secret.encode(), at.encode() + delivery.body, "sha256")).decode()
    _must_be(made, delivery.header("x-zendesk-webhook-signature"))
    _must_be_recent(str(int(signed_at)), now)


def _must_be_recent(at: str, now: datetime) -> None:
    is_time = at.isascii() and at.isdecimal() and len(at) < 12  # noqa: PLR2004 - no overflow
    if not is_time or abs(now.timestamp() - int(at)) > TOLERANCE:
        raise SignatureError(f"The call was signed more than {TOLERANCE} seconds from now, or does not say when.")


def _must_be(expected: str, given: str | None, otherwise: str = WRONG) -> None:
    if not _is(expected, given):
        raise SignatureError(otherwise)


def _is(expected: str, given: str | None) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(expected.encode(), (given or "").encode(errors="replace"))
