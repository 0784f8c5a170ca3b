"""A push service, which checks who sends (RFC 8292), and the browser behind it, which alone can read (RFC 8291)."""

import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any

import http_ece  # type: ignore[import-untyped]  # it has no types
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.parts.other_system import Called, OtherSystem, Says


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """What holds the private half of a subscription."""

    path: str = "/send/abc"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self, origin: str) -> dict[str, Any]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": origin + self.path, "keys": {"p256dh": encoded(point), "auth": encoded(self.secret)}}

    def read(self, body: bytes) -> dict[str, Any]:
        raw = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        found: dict[str, Any] = json.loads(raw)
        return found


class PushService(OtherSystem):
    """Takes notifications for one browser from who holds one key."""

    def __init__(self, browser: Browser, public_key: str) -> None:
        super().__init__()
        self.browser = browser
        self.public_key = public_key
        self.notifications: list[tuple[dict[str, str], dict[str, Any]]] = []

    @property
    def subscription(self) -> str:
        return json.dumps(self.browser.subscription(self.url))

    def answer(self, called: Called) -> Says:
        if called.path != self.browser.path:
            return Says(404, b"no such subscription")
        if not self._is_signed(called.headers.get("authorization", "")):
            return Says(403, b"the key is not the one of the subscription")
        if called.headers.get("content-encoding") != "aes128gcm" or "ttl" not in called.headers:
            return Says(400, b"a header is missing")
        self.notifications.append((called.headers, self.browser.read(called.body)))
        return Says(201, b"", {"location": f"{self.url}/message/{len(self.notifications)}"})

    def _is_signed(self, authorization: str) -> bool:
        fields = dict(part.strip().split("=", 1) for part in authorization.removeprefix("vapid ").split(","))
        raw = base64.urlsafe_b64decode(self.public_key + "=")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        try:
            claims = jwt.decode(fields["t"], key, ["ES256"], audience=self.url)
        except (jwt.InvalidTokenError, KeyError):
            return False
        return fields["k"] == self.public_key and str(claims["sub"]).startswith("mailto:")
