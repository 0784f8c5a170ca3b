"""The webhooks of WhatsApp: what became of messages, and what people write and press.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples; signatures and the first greeting:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status, UnreadableError
from journeyman.channels.scrubbing import scrub

STATUSES: Final[Mapping[str, Status]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "failed": "failed",
}
DEAD: Final = frozenset({131026})


class WhatsAppCallbacks:
    """Reads webhooks that are signed with the app's secret, and greets who asks with the verify token."""

    def __init__(self, secret: str, verify_token: str) -> None:
        self._secret = secret.encode()
        self._verify_token = verify_token

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        expected = "sha256=" + hmac.digest(self._secret, callback.body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), callback.headers.get("x-hub-signature-256", "").encode()):
            raise ForgedError("X-Hub-Signature-256 does not fit")
        try:
            document = orjson.loads(callback.body)
            values = [change["value"] for entry in document["entry"] for change in entry["changes"]]
            receipts = [one for value in values for one in _receipts(value, now)]
            replies = [one for value in values for one in _replies(value, now)]
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableError("it is no webhook of WhatsApp") from error
        return [*receipts, *replies]

    def hello(self, callback: Callback) -> Response | None:
        """The challenge back, to whom the operator gave the verify token. Raises `ForgedError` for anybody else."""
        if callback.method != "GET":
            return None
        asked = {name: values[0] for name, values in parse_qs(urlsplit(callback.url).query).items()}
        token = asked.get("hub.verify_token", "")
        if not hmac.compare_digest(token.encode(), self._verify_token.encode()):
            raise ForgedError("the verify token is another")
        return Response(asked.get("hub.challenge", "").encode())


def _receipts(value: Mapping[str, Any], now: datetime) -> Iterator[Receipt]:
    for one in value.get("statuses") or []:
        status = STATUSES.get(one["status"])
        if status is None:
            continue
        errors = one.get("errors") or []
        codes = {error.get("code") for error in errors}
        words = "; ".join(f"{error.get('code')} {error.get('title', '')}" for error in errors)
        yield Receipt(
            id=f"whatsapp_{one['id']}_{one['status']}",
            status=status,
            at=_instant(one, now),
            message_id=one.get("biz_opaque_callback_data"),
            provider_message_id=one["id"],
            address=f"+{one['recipient_id']}" if DEAD & codes else None,
            permanent=bool(DEAD & codes),
            detail=scrub(words),
        )


def _replies(value: Mapping[str, Any], now: datetime) -> Iterator[Reply]:
    for one in value.get("messages") or []:
        text, button = _said(one)
        yield Reply(
            id=f"whatsapp_{one['id']}",
            channel="whatsapp",
            sender=f"+{one['from']}",
            at=_instant(one, now),
            text=text,
            button=button,
            answers=(one.get("context") or {}).get("id"),
            properties={"type": one.get("type", "")},
        )


def _said(message: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text of a message, and what was pressed."""
    kind = message.get("type")
    if kind == "button":
        return str(message["button"].get("text", "")), str(message["button"].get("payload", ""))
    if kind == "interactive":
        pressed = message["interactive"].get("button_reply") or message["interactive"].get("list_reply") or {}
        return str(pressed.get("title", "")), str(pressed.get("id", ""))
    return str((message.get("text") or {}).get("body", "")), None


def _instant(one: Mapping[str, Any], now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(one["timestamp"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return now
