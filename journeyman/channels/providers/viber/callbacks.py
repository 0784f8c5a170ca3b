"""The callbacks of Viber: what became of messages, what people write and press, and that they leave.

https://developers.viber.com/docs/api/rest-bot-api/#callbacks; each is signed with the bot's token.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status, UnreadableError
from journeyman.channels.scrubbing import scrub

STATUSES: Final[Mapping[str, Status]] = {"delivered": "delivered", "seen": "opened", "failed": "failed"}


class ViberCallbacks:
    """Reads callbacks that are signed with the bot's token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        expected = hmac.digest(self._token, callback.body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), callback.headers.get("x-viber-content-signature", "").encode()):
            raise ForgedError("X-Viber-Content-Signature does not fit")
        try:
            told = _told(orjson.loads(callback.body), now)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableError("it is no callback of Viber") from error
        return [] if told is None else [told]

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Viber tries an address with a signed callback that tells nothing."""
        return None


def _told(event: Mapping[str, Any], now: datetime) -> Receipt | Reply | None:
    word, at, token = event["event"], _instant(event, now), str(event["message_token"])
    if word in STATUSES:
        identity = f"viber_{token}_{word}"
        detail = scrub(str(event.get("desc", "")))
        return Receipt(identity, STATUSES[word], at, provider_message_id=token, detail=detail)
    if word == "unsubscribed":
        user = str(event["user_id"])
        return Receipt(f"viber_{token}_{word}", "unsubscribed", at, address=user, detail="the bot was left")
    return _reply(token, event, at) if word == "message" else None


def _reply(token: str, event: Mapping[str, Any], at: datetime) -> Reply:
    """A press comes as a message, too; its text is what the button answers with.

    Viber does not say which message is answered, but hands back the ledger's id of the one that was sent last.
    """
    message = event["message"]
    kind = str(message.get("type", ""))
    own = {"type": kind, "last_message_id": message.get("tracking_data")}
    return Reply(
        id=f"viber_{token}",
        channel="viber",
        sender=str(event["sender"]["id"]),
        at=at,
        text=str(message.get("text") or ""),
        properties={name: value for name, value in own.items() if value},
    )


def _instant(event: Mapping[str, Any], now: datetime) -> datetime:
    """Viber tells milliseconds."""
    try:
        return datetime.fromtimestamp(int(event["timestamp"]) / 1_000, UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return now
