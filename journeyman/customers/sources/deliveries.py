"""A webhook as it came, and what it told."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeyman.customers.sources.errors import SignatureError

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call of a source: its headers by their names in small letters, and its body as it was signed."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, *names: str) -> str | None:
        """The first of these headers that is there and not empty."""
        return next((found for name in names if (found := self.headers.get(name))), None)

    @property
    def digest(self) -> str:
        """What stands for the call where the source has given it no id."""
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Segment spec, and what it says of consent: `status` and `at` by channel or topic.

    `about_order` is the message id of the order that it belongs to, where the source does not say whose order it is.
    """

    document: Document
    consents: Mapping[str, Document] = field(default_factory=dict)
    about_order: str | None = None


@dataclass(slots=True)
class Told:
    """What a delivery told: calls in the order in which they happened, and products of the catalogue.

    `gone` are the ids of products that the shop has deleted.
    """

    calls: list[Call] = field(default_factory=list)
    products: list[Document] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of source. `verify(secret, delivery, now)` raises `SignatureError`.

    `read(delivery, document, currency)` translates what the body holds; what the source tells beside is passed over.
    `is_probe` tells whether a call is only a question whether somebody is there.
    """

    name: str
    setting: str
    verify: Callable[[str, Delivery, datetime], None]
    read: Callable[[Delivery, Document, str | None], Told]
    is_probe: Callable[[Delivery], bool] = lambda _delivery: False


def verify_base64(secret: str, body: bytes, given: str | None) -> None:
    """HMAC-SHA256 (RFC 2104) of the body in Base64, compared in constant time. Raises `SignatureError`."""
    expected = base64.b64encode(hmac.digest(secret.encode(), body, "sha256"))
    if not hmac.compare_digest(expected, (given or "").encode(errors="replace")):
        raise SignatureError("The signature does not fit the body: the secret is another, or the body was changed.")
