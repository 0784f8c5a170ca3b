"""Notifications through the Apple Push Notification service.

https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns and
https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import jwt

from journeyman.channels.errors import RejectedError, TemporaryError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingPush
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.kit.clock import Clock

PRODUCTION: Final = "https://api.push.apple.com"
SANDBOX: Final = "https://api.sandbox.push.apple.com"
RENEWED_AFTER: Final = timedelta(minutes=40)
"""Apple refuses a token that is older than an hour, and one that is renewed more often than every twenty minutes."""
DEAD: Final = frozenset({"BadDeviceToken", "Unregistered", "ExpiredToken", "DeviceTokenNotForTopic"})
PLATFORMS: Final = frozenset({"ios", "ipados", "macos", "tvos", "watchos", "visionos"})
NAMES: Final = uuid.UUID("6f6e0b1c-6a57-5b5c-9d6c-1f0d1c0b7a11")
"""The namespace in which our ids are made Apple's."""
NOBODY: Final = "0" * 64
"""A device token that is none: how it is refused tells whether the key is good."""


class ApnsSender:
    """The `Sender` of notifications for one app of Apple's platforms. `apns-id` is no idempotency key."""

    channel = "push"
    capabilities = Capabilities("device", size_limit=4_096, platforms=PLATFORMS)

    def __init__(
        self,
        team: str,
        key_id: str,
        private_key: str,
        topic: str,
        clock: Clock,
        *,
        base_url: str = PRODUCTION,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`private_key` is the PEM of a key with the id `key_id`; `topic` the app's bundle id."""
        self._team, self._key_id, self._private_key, self._topic = team, key_id, private_key, topic
        self._clock = clock
        self._http = ProviderHttp(base_url, timeout=timeout, http2=True)
        self._token: tuple[str, datetime] | None = None

    async def send(self, message: OutgoingPush) -> Accepted:
        """Hand one notification over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        answer = await self._post(message.to, headers_of(message, self._clock.now()), document_of(message))
        if answer.is_success:
            return Accepted(answer.headers.get("apns-id") or apple_id(message.id))
        reason = str(json_of(answer).get("reason", ""))
        if reason in {"ExpiredProviderToken", "InvalidProviderToken"}:
            self._token = None
        raise refused(answer, reason, self._clock.now(), dead_address=reason in DEAD)

    async def check(self) -> None:
        """Send to a device that is none. Raises `RejectedError` for a wrong key, else `TemporaryError`."""
        answer = await self._post(NOBODY, {"apns-push-type": "alert"}, {"aps": {"alert": {"title": "check"}}})
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise RejectedError(f"the provider refuses the key: {json_of(answer).get('reason', '')}")
        if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TemporaryError(f"the provider answers {answer.status_code}")

    async def close(self) -> None:
        await self._http.close()

    async def _post(self, device: str, headers: Mapping[str, str], document: Mapping[str, Any]) -> httpx.Response:
        signed = {"authorization": f"bearer {self._signature()}", "apns-topic": self._topic, **headers}
        return await self._http("POST", f"/3/device/{device}", document=document, headers=signed)

    def _signature(self) -> str:
        now = self._clock.now()
        if self._token is None or now >= self._token[1] + RENEWED_AFTER:
            claims = {"iss": self._team, "iat": int(now.timestamp())}
            made = jwt.encode(claims, self._private_key, algorithm="ES256", headers={"kid": self._key_id})
            self._token = (made, now)
        return self._token[0]


def apple_id(identity: str) -> str:
    """Our id as Apple wants it; the same always gives the same one."""
    return str(uuid.uuid5(NAMES, identity))


def headers_of(message: OutgoingPush, now: datetime) -> dict[str, str]:
    found = {
        "apns-id": apple_id(message.id),
        "apns-push-type": "alert",
        "apns-expiration": str(int((now + max(message.lasts, timedelta(0))).timestamp())),
        "apns-priority": "10" if message.urgent else "5",
    }
    return {**found, "apns-collapse-id": message.collapse} if message.collapse else found


def document_of(message: OutgoingPush) -> dict[str, Any]:
    """The payload; what the app reads besides stands beside `aps`."""
    aps: dict[str, Any] = {"alert": {"title": message.title, "body": message.body}, "sound": "default"}
    if message.badge is not None:
        aps["badge"] = message.badge
    if message.image is not None:
        aps["mutable-content"] = 1
    own = {"journeyman_id": message.id, "url": message.url, "image": message.image}
    return {**message.data, **{name: value for name, value in own.items() if value is not None}, "aps": aps}
