"""The webhooks of WhatsApp: what became of messages, and what people write and press.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples; signatures and the first greeting:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from journeyman.channels.meta_webhooks import believe, greeting
from journeyman.channels.ports import Callback, Receipt, Reply, Response, Status, UnreadableError
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
        self._secret = secret
        self._verify_token = verify_token

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        believe(callback, self._secret)
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
        return greeting(callback, self._verify_token)


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
