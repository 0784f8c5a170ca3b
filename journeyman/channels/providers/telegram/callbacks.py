"""The updates of a Telegram bot: what people write and press, and that they block it.

https://core.telegram.org/bots/api#update; the secret: https://core.telegram.org/bots/api#setwebhook. Telegram tells
nothing of what became of a message.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, UnreadableError
from journeyman.channels.providers.telegram.sender import message_name

STOP: Final = "/stop"
LEFT: Final = frozenset({"kicked", "left"})
"""What the bot is in a chat whose owner has blocked it."""


class TelegramCallbacks:
    """Reads updates that carry the secret which the operator gave with `setWebhook`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        given = callback.headers.get("x-telegram-bot-api-secret-token", "").encode()
        if not hmac.compare_digest(self._secret, given):
            raise ForgedError("X-Telegram-Bot-Api-Secret-Token is another")
        try:
            return _told(orjson.loads(callback.body), now)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableError("it is no update of Telegram") from error

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Telegram asks nothing beforehand."""
        return None

    def answer(self, callback: Callback) -> Response | None:
        """A press is answered, so that the button stops turning: a method in the answer is called
        (https://core.telegram.org/bots/api#making-requests-when-getting-updates).
        """
        pressed = orjson.loads(callback.body).get("callback_query")
        if pressed is None:
            return None
        said = {"method": "answerCallbackQuery", "callback_query_id": str(pressed["id"])}
        return Response(orjson.dumps(said), "application/json")


def _told(update: Mapping[str, Any], now: datetime) -> list[Receipt | Reply]:
    """One update tells one thing; what is said in groups is no answer to a message of ours."""
    identity = f"telegram_{int(update['update_id'])}"
    if "callback_query" in update:
        return _pressed(identity, update["callback_query"], now)
    if "message" in update and _is_private(update["message"]):
        return [_written(identity, update["message"], now)]
    if "my_chat_member" in update and _is_private(update["my_chat_member"]):
        return _blocked(identity, update["my_chat_member"], now)
    return []


def _is_private(told: Mapping[str, Any]) -> bool:
    return bool(told["chat"].get("type") == "private")


def _written(identity: str, message: Mapping[str, Any], now: datetime) -> Reply:
    text = str(message.get("text") or message.get("caption") or "")
    chat = message["chat"]["id"]
    answered = message.get("reply_to_message")
    return Reply(
        id=identity,
        channel="telegram",
        sender=str(chat),
        at=_instant(message, now),
        text=text,
        answers=message_name(chat, answered["message_id"]) if answered else None,
        properties={"opt_out": "STOP"} if text.strip().lower() == STOP else {},
    )


def _pressed(identity: str, query: Mapping[str, Any], now: datetime) -> list[Receipt | Reply]:
    """A button under a message of the bot; its message may be too old to be told."""
    message = query.get("message")
    if message is not None and not _is_private(message):
        return []
    sender = message["chat"]["id"] if message else query["from"]["id"]
    return [
        Reply(
            id=identity,
            channel="telegram",
            sender=str(sender),
            at=now,
            text=_label(message or {}, query.get("data")),
            button=query.get("data"),
            answers=message_name(sender, message["message_id"]) if message else None,
        )
    ]


def _label(message: Mapping[str, Any], data: object) -> str:
    """What stands on the button that was pressed."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return next((str(one["text"]) for row in rows for one in row if one.get("callback_data") == data), "")


def _blocked(identity: str, member: Mapping[str, Any], now: datetime) -> list[Receipt | Reply]:
    if member["new_chat_member"].get("status") not in LEFT:
        return []
    at, chat = _instant(member, now), str(member["chat"]["id"])
    return [Receipt(identity, "unsubscribed", at, address=chat, detail="the bot was blocked")]


def _instant(told: Mapping[str, Any], now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(told["date"]), UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return now
