"""Webhooks in the shapes that the sources document, and signatures as the sources make them."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from journeyman.customers.sources.deliveries import Delivery, Told
from journeyman.customers.sources.receiving import PROVIDERS

FIXTURES = Path(__file__).parents[3] / "fixtures"


def payload(source: str, name: str, **changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FIXTURES / source / f"{name}.json").read_text())
    return document | changes


def signed_base64(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def signed_by_stripe(body: bytes, secret: str, at: int) -> str:
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signature},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"


def told(source: str, document: dict[str, Any], currency: str | None = "EUR", **headers: str) -> Told:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return PROVIDERS[source].read(Delivery(given, json.dumps(document).encode()), document, currency)


def calls(found: Told) -> list[dict[str, Any]]:
    return [call.document for call in found.calls]
