"""What is known of a device to which notifications go."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from journeyman.kit.database import to_json

DEVICE: Final = "device"
"""The type of the event that tells of a device."""
MOST: Final = 20
"""Devices of one customer on one channel; the one that was seen longest ago makes room."""
TOKEN_LIMIT: Final = 4_096


@dataclass(frozen=True, slots=True)
class Device:
    """A device or a browser; `token` is how the provider knows it."""

    customer_id: str
    channel: str
    token: str
    seen_at: datetime
    platform: str | None = None
    app: str | None = None
    added_at: datetime | None = None

    @property
    def id(self) -> str:
        return device_id(self.channel, self.token)


def device_id(channel: str, token: str) -> str:
    """SHA-256 of channel and token, in hexadecimal."""
    return hashlib.sha256(f"{channel}\0{token}".encode()).hexdigest()


def spelled(token: str | Mapping[str, Any]) -> str:
    """A token as it is kept: a browser's subscription is a JSON object, always written in the same way."""
    if isinstance(token, str):
        return token
    keys = {name: str(value) for name, value in sorted(token.get("keys", {}).items())}
    return to_json({"endpoint": str(token.get("endpoint", "")), "keys": keys})


@dataclass(frozen=True, slots=True)
class ToldDevice:
    """A device as an event tells of it, before it is known whose it is; `is_removed` says that it is nobody's now."""

    channel: str
    token: str
    at: datetime
    platform: str | None = None
    app: str | None = None
    is_removed: bool = False

    def of(self, customer_id: str) -> Device:
        return Device(customer_id, self.channel, self.token, self.at, self.platform, self.app)


def told_device(properties: Mapping[str, Any], at: datetime) -> ToldDevice:
    """The device that an event of the type `device` is about."""
    platform, app = properties.get("platform"), properties.get("app")
    return ToldDevice(
        properties["channel"], properties["token"], at, platform, app, is_removed=bool(properties.get("removed"))
    )


def device_in(context: Mapping[str, Any], at: datetime) -> ToldDevice | None:
    """The device that clients of Segment name with every event: `context.device.token` and `.type` (spec/common)."""
    device, app = context.get("device"), context.get("app")
    token = device.get("token") if isinstance(device, dict) else None
    if not isinstance(device, dict) or not isinstance(token, str) or not 0 < len(token) <= TOKEN_LIMIT:
        return None
    platform = device.get("type")
    bundle = app.get("namespace") or app.get("name") if isinstance(app, dict) else None
    return ToldDevice(
        "push",
        token,
        at,
        platform.lower()[:32] if isinstance(platform, str) else None,
        bundle[:200] if isinstance(bundle, str) else None,
    )
