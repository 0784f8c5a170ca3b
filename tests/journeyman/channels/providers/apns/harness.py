"""Apple's push service over HTTP/2 on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from journeyman.channels.ports import OutgoingPush
from journeyman.channels.providers.apns.sender import NOBODY, ApnsSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.http2_system import Http2System
from tests.parts.keys import p256_key
from tests.parts.other_system import Called, Says, says

TEAM, KEY_ID, TOPIC = "ABCDE12345", "KEYID12345", "example.shop"
DEVICE = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"
FAULTS = Faults(
    dead_address=says(410, {"reason": "Unregistered", "timestamp": 1_700_000_000_000}),
    refused=says(413, {"reason": "PayloadTooLarge"}),
    throttled=says(429, {"reason": "TooManyRequests"}, retry_after="7"),
    unauthorised=says(403, {"reason": "ExpiredProviderToken"}),
    failing=says(503, {"reason": "ServiceUnavailable"}),
)


class ApnsFake(Http2System):
    """Takes notifications for one app, signed with one team's key."""

    def __init__(self) -> None:
        super().__init__()
        self.notifications: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.tokens: set[str] = set()

    def answer(self, called: Called) -> Says:
        token = called.headers.get("authorization", "").removeprefix("bearer ")
        key = load_pem_private_key(p256_key().encode(), None).public_key()
        try:
            claims = jwt.decode(token, key, ["ES256"])  # type: ignore[arg-type]  # an EC key
        except jwt.InvalidTokenError:
            return says(403, {"reason": "InvalidProviderToken"})
        if (claims["iss"], jwt.get_unverified_header(token)["kid"]) != (TEAM, KEY_ID):
            return says(403, {"reason": "InvalidProviderToken"})
        self.tokens.add(token)
        if called.headers.get("apns-topic") != TOPIC:
            return says(400, {"reason": "TopicDisallowed"})
        if called.path == f"/3/device/{NOBODY}":
            return says(400, {"reason": "BadDeviceToken"})
        self.notifications.append((called.headers, called.document))
        return Says(200, b"", {"apns-id": called.headers["apns-id"]})

    def taken(self) -> list[str]:
        return [document["journeyman_id"] for _, document in self.notifications]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with ApnsFake() as fake:

        def sender(key: str = "ours", timeout: float = 5) -> ApnsSender:
            return ApnsSender(TEAM, KEY_ID, p256_key(key), TOPIC, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingPush(identity, DEVICE, "Hello", "Your cart waits"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
