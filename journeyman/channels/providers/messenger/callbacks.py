"""The webhooks of Messenger: what was delivered, and what people write and press.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events.

That messages were read is told only as an instant before which all were read: it names none, and is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from journeyman.channels.meta_webhooks import believe, greeting
from journeyman.channels.ports import Callback, Receipt, Reply, Response, UnreadableError


class MessengerCallbacks:
    """Reads webhooks that are signed with the app's secret, and greets who asks with the verify token."""

    def __init__(self, secret: str, verify_token: str) -> None:
        self._secret = secret
        self._verify_token = verify_token

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        believe(callback, self._secret)
        try:
            entries = orjson.loads(callback.body)["entry"]
            events = [event for entry in entries for event in entry.get("messaging") or []]
            return [told for event in events for told in _told(event, now)]
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableError("it is no webhook of Messenger") from error

    def hello(self, callback: Callback) -> Response | None:
        """The challenge back, to whom the operator gave the verify token. Raises `ForgedError` for anybody else."""
        return greeting(callback, self._verify_token)


def _told(event: Mapping[str, Any], now: datetime) -> Iterator[Receipt | Reply]:
    if "delivery" in event:
        yield from _delivered(event["delivery"], now)
    elif "postback" in event:
        pressed = event["postback"]
        yield _reply(event, pressed, str(pressed.get("title", "")), str(pressed["payload"]), now)
    elif "message" in event and not event["message"].get("is_echo"):
        said = event["message"]
        quick = (said.get("quick_reply") or {}).get("payload")
        yield _reply(event, said, str(said.get("text") or ""), quick, now)


def _delivered(delivery: Mapping[str, Any], now: datetime) -> Iterator[Receipt]:
    """Old clients tell an instant alone, which names no message."""
    at = _instant(delivery.get("watermark"), now)
    for one in delivery.get("mids") or []:
        yield Receipt(f"messenger_{one}_delivered", "delivered", at, provider_message_id=str(one))


def _reply(event: Mapping[str, Any], told: Mapping[str, Any], text: str, button: str | None, now: datetime) -> Reply:
    """A press is known by its instant as well: pressed twice, it has one name."""
    at, sender = _instant(event.get("timestamp"), now), str(event["sender"]["id"])
    identity = f"messenger_{told['mid']}_{event['timestamp']}"
    answers = (told.get("reply_to") or {}).get("mid")
    return Reply(identity, "messenger", sender, at, text, button, answers)


def _instant(milliseconds: object, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
