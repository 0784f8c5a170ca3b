"""Messages through a bot of Telegram (https://core.telegram.org/bots/api)."""

import logging
import re
from typing import Any, Final

import httpx

from journeyman.channels.errors import SendError, TemporaryError, ThrottledError, UnknownOutcomeError
from journeyman.channels.ports import Accepted, Button, Capabilities, OutgoingChat
from journeyman.channels.provider_answers import let_in
from journeyman.channels.provider_http import RETRY_LIMIT, TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.telegram.org"
DEAD: Final = re.compile(
    r"chat not found|user not found|peer_id_invalid|bot was blocked|user is deactivated|"
    r"can't initiate conversation|bot was kicked|group chat was deleted|bots can't send messages to bots",
    re.IGNORECASE,
)
"""Telegram has no codes but words. Of `Forbidden`, some pass by themselves: those wait, and no address is given up."""
CAPTION_LIMIT: Final = 1_024
_TOKEN: Final = re.compile(r"/bot[0-9]+:[A-Za-z0-9_-]+")


def hide_token(record: logging.LogRecord) -> bool:
    """The token stands in the path of every call, and httpx logs the URLs of calls."""
    record.msg, record.args = _TOKEN.sub("/bot…", record.getMessage()), ()
    return True


logging.getLogger("httpx").addFilter(hide_token)


class TelegramSender:
    """The `Sender` of Telegram for one bot. It knows no idempotency key: an unknown outcome stays one."""

    channel = "telegram"
    capabilities = Capabilities("chat")

    def __init__(self, token: str, clock: Clock, *, base_url: str = BASE_URL, timeout: float = TIMEOUT_SECONDS) -> None:
        self._clock = clock
        self._http = ProviderHttp(f"{base_url}/bot{token}", timeout=timeout)

    async def send(self, message: OutgoingChat) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        method, document = call_of(message)
        answer = await self._http("POST", f"/{method}", document=document)
        found = json_of(answer)
        if not answer.is_success or found.get("ok") is not True:
            raise self._refusal(answer, found, message.to)
        return Accepted(_name(found.get("result")))

    async def check(self) -> None:
        """Ask who the bot is. Raises `RejectedError` for a wrong token, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", "/getMe"))

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, found: dict[str, Any], to: str) -> SendError:
        words = str(found.get("description", "")).replace(to, "<chat>")
        parameters = found.get("parameters")
        wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
        if isinstance(wait, int):
            return ThrottledError(scrub(words), min(max(float(wait), 1.0), RETRY_LIMIT))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return TemporaryError("there is no bot with this token")
        return refused(answer, words, self._clock.now(), dead_address=DEAD.search(words) is not None)


def message_name(chat: object, message: object) -> str:
    """Telegram numbers messages within each chat: only both together name one."""
    return f"{chat}:{message}"


def _name(result: object) -> str:
    """How Telegram names what it took. Raises `UnknownOutcomeError` where its answer does not say."""
    if isinstance(result, dict) and isinstance(result.get("chat"), dict) and result.get("message_id"):
        return message_name(result["chat"].get("id"), result["message_id"])
    raise UnknownOutcomeError("the provider's answer does not name the message")


def call_of(message: OutgoingChat) -> tuple[str, dict[str, Any]]:
    """The method and its parameters. Text goes as it is: without a parse mode nothing in it is markup."""
    document: dict[str, Any] = {"chat_id": message.to}
    if message.buttons:
        document["reply_markup"] = {"inline_keyboard": [[_button(button)] for button in message.buttons]}
    if message.image is None:
        return "sendMessage", {**document, "text": message.text}
    if len(message.text) <= CAPTION_LIMIT:
        return "sendPhoto", {**document, "photo": message.image, "caption": message.text}
    # A longer text than a caption may be has its picture as the preview of a link, above it.
    preview = {"url": message.image, "prefer_large_media": True, "show_above_text": True}
    return "sendMessage", {**document, "text": message.text, "link_preview_options": preview}


def _button(button: Button) -> dict[str, str]:
    if button.url is not None:
        return {"text": button.text, "url": button.url}
    return {"text": button.text, "callback_data": button.id or button.text[:16]}
