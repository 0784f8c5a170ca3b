"""Notifications for browsers: Web Push (RFC 8030), encrypted (RFC 8291), signed by who sends them (VAPID, RFC 8292)."""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import http_ece  # type: ignore[import-untyped]  # it has no types
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import Accepted, Capabilities, OutgoingPush
from journeyman.channels.provider_http import CERTAINLY_NOT, RETRY_AFTER, WAITS_FOR_ITS_OPERATOR
from journeyman.channels.scrubbing import scrub
from journeyman.channels.webhooks.calling import HttpAnswer, HttpCalls, HttpRequest, NoAnswerError
from journeyman.kit.clock import Clock

SIZE_LIMIT: Final = 3_993
"""Bytes of a payload before it is encrypted: what every push service has to take (RFC 8291 section 4)."""
TIMEOUT_SECONDS: Final = 20.0
SIGNED_FOR: Final = timedelta(hours=12)
"""A signature may not hold for more than a day (RFC 8292 section 2)."""
LONGEST: Final = timedelta(days=28)
GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave: where it listens, its public key, and a secret of both (W3C Push API)."""

    endpoint: str
    key: bytes
    secret: bytes

    @classmethod
    def parse(cls, text: str) -> "Subscription":
        """Raises `AddressRejectedError` for what is none: it will never be one."""
        try:
            document = json.loads(text)
            keys = document["keys"]
            found = cls(str(document["endpoint"]), decoded(keys["p256dh"]), decoded(keys["auth"]))
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), found.key)
        except (ValueError, KeyError, TypeError) as error:
            raise AddressRejectedError("the subscription cannot be read") from error
        return found

    @property
    def origin(self) -> str:
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


class WebPushSender:
    """The `Sender` of notifications for browsers. Each browser names its push service, which has to be a public one.

    Raises `ValueError` for a key that is none.
    """

    channel = "web_push"
    capabilities = Capabilities("subscription", tells=frozenset({"clicked"}), size_limit=SIZE_LIMIT)

    def __init__(
        self,
        private_key: str,
        subject: str,
        clock: Clock,
        *,
        allows_private: bool = False,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`private_key` is base64url; `subject` the `mailto:` or `https:` URL at which the operator is reached."""
        self._key = private(private_key)
        self._public = public_of(private_key)
        self._subject = subject
        self._clock = clock
        self._timeout = timeout
        self._http = HttpCalls(allows_private=allows_private)
        self._signed: dict[str, tuple[str, datetime]] = {}

    async def send(self, message: OutgoingPush) -> Accepted:
        """Hand one notification over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        subscription = Subscription.parse(message.to)
        payload = payload_of(message)
        if len(payload) > SIZE_LIMIT:
            raise RejectedError(f"the notification is {len(payload):,} bytes, {SIZE_LIMIT:,} is the most: say less")
        body = encrypted(payload, subscription)
        headers = [*self._headers(message, subscription.origin), ("Content-Length", str(len(body)))]
        answer = await self._asked(HttpRequest("POST", subscription.endpoint, headers, body, self._timeout))
        if answer.status not in {200, 201, 202}:
            raise _refused(answer)
        return Accepted(message.id)

    async def check(self) -> None:
        """There is nobody to ask: each browser names a push service of its own. The key was read already."""

    async def close(self) -> None:
        await self._http.close()

    async def _asked(self, request: HttpRequest) -> HttpAnswer:
        try:
            return await self._http(request)
        except NoAnswerError as error:
            if error.is_final:
                raise AddressRejectedError("the subscription's address cannot be called") from error
            if not error.was_asked:
                raise TemporaryError(f"the push service cannot be reached: {scrub(error.detail)}") from error
            raise UnknownOutcomeError("the push service did not answer") from error

    def _headers(self, message: OutgoingPush, origin: str) -> list[tuple[str, str]]:
        lasts = min(max(message.lasts, timedelta(0)), LONGEST)
        found = [
            ("Host", urlsplit(origin).netloc),
            ("TTL", str(int(lasts.total_seconds()))),
            ("Urgency", "high" if message.urgent else "normal"),
            ("Content-Type", "application/octet-stream"),
            ("Content-Encoding", "aes128gcm"),
            ("Authorization", f"vapid t={self._signature(origin)}, k={self._public}"),
        ]
        return [*found, ("Topic", message.collapse)] if message.collapse else found

    def _signature(self, origin: str) -> str:
        """The token for a push service; one serves for hours."""
        now = self._clock.now()
        known = self._signed.get(origin)
        if known is not None and now < known[1] - timedelta(hours=1):
            return known[0]
        until = now + SIGNED_FOR
        claims = {"aud": origin, "exp": int(until.timestamp()), "sub": self._subject}
        token = jwt.encode(claims, self._key, algorithm="ES256")
        if len(self._signed) > 1_000:  # noqa: PLR2004 - there are a handful of push services
            self._signed.clear()
        self._signed[origin] = (token, until)
        return token


def payload_of(message: OutgoingPush) -> bytes:
    """What the service worker reads: compact JSON, without what is not there."""
    told: dict[str, Any] = {
        "id": message.id,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "image": message.image,
        "icon": message.icon,
        "badge": message.badge,
        "tag": message.collapse,
        "data": dict(message.data) or None,
    }
    present = {name: value for name, value in told.items() if value is not None}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode()


def encrypted(payload: bytes, subscription: Subscription) -> bytes:
    """The payload for one browser alone (RFC 8291, `aes128gcm` of RFC 8188)."""
    mine = ec.generate_private_key(ec.SECP256R1())
    made: bytes = http_ece.encrypt(
        payload,
        salt=os.urandom(16),
        private_key=mine,
        dh=subscription.key,
        auth_secret=subscription.secret,
        version="aes128gcm",
    )
    return made


def new_key() -> str:
    """A private key for a workspace, base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def private(key: str) -> ec.EllipticCurvePrivateKey:
    """Raises `ValueError` for what is no key of the curve P-256."""
    raw = decoded(key)
    if len(raw) != 32:  # noqa: PLR2004 - P-256
        raise ValueError("the private key of web push is 32 bytes in base64url")
    return ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())


def public_of(key: str) -> str:
    """The public key that browsers are given, base64url. Raises `ValueError` as `private`."""
    point = private(key).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Base64url with or without its padding. Raises `ValueError`."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def _refused(answer: HttpAnswer) -> SendError:
    detail = f"{answer.status} {scrub(answer.body[:500].decode('utf-8', 'replace'))}".strip()
    if answer.status in GONE:
        return AddressRejectedError(detail)
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        wait = answer.retry_after.total_seconds() if answer.retry_after is not None else RETRY_AFTER
        return ThrottledError(detail, max(wait, 1.0))
    if answer.status in WAITS_FOR_ITS_OPERATOR or answer.status in CERTAINLY_NOT:
        return TemporaryError(detail)
    return UnknownOutcomeError(detail) if answer.status >= 500 else RejectedError(detail)  # noqa: PLR2004 - its class
