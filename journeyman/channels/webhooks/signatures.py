"""Signatures of webhooks that go out, as Standard Webhooks has them (standardwebhooks.com)."""

import base64
import hmac
from datetime import datetime

PREFIX = "whsec_"


def secret_of(key: bytes, name: str) -> str:
    """The secret of a webhook, made of the workspace's own: so none has to be kept, and each webhook has another."""
    made = hmac.digest(key, f"webhook\0{name}".encode(), "sha256")
    return PREFIX + base64.b64encode(made).decode()


def signed(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a call: its id, when it was made in Unix time, and HMAC-SHA256 of both and the body."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = hmac.digest(key, f"{message_id}.{seconds}.".encode() + body, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
