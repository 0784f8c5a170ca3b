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
