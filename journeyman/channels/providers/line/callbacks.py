"""The webhooks of LINE: what people write and press, and that they block the account.

https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects; the signature:
https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature.

LINE tells nothing of what became of a message.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, UnreadableError


class LineCallbacks:
    """Reads webhooks that are signed with the channel's secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        expected = base64.b64encode(hmac.digest(self._secret, callback.body, "sha256"))
        if not hmac.compare_digest(expected, callback.headers.get("x-line-signature", "").encode()):
            raise ForgedError("X-Line-Signature does not fit")
        try:
            events = orjson.loads(callback.body)["events"]
            return [told for event in events if (told := _told(event, now)) is not None]
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableError("it is no webhook of LINE") from error

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """LINE sends a signed webhook without events to try the address."""
        return None


def _told(event: Mapping[str, Any], now: datetime) -> Receipt | Reply | None:
    """Told again, an event has the same id; what is said in groups is no answer to a message of ours."""
    source = event.get("source") or {}
    if source.get("type") != "user" or event.get("mode") == "standby":
        return None
    identity, sender, at = f"line_{event['webhookEventId']}", str(source["userId"]), _instant(event, now)
    match event["type"]:
        case "message":
            said = event["message"]
            text, kind = str(said.get("text", "")), str(said.get("type", ""))
            return Reply(
                identity, "line", sender, at, text, answers=said.get("quotedMessageId"), properties={"type": kind}
            )
        case "postback":
            return Reply(identity, "line", sender, at, button=str(event["postback"]["data"]))
        case "unfollow":
            return Receipt(identity, "unsubscribed", at, address=sender, detail="the account was blocked")
        case _:
            return None


def _instant(event: Mapping[str, Any], now: datetime) -> datetime:
    """LINE tells milliseconds."""
    try:
        return datetime.fromtimestamp(int(event["timestamp"]) / 1_000, UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return now
