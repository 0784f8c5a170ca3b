"""Messages through a bot of Viber (https://developers.viber.com/docs/api/rest-bot-api/#send-message).

Errors: https://creators.viber.com/docs/bots-api/errors.
"""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import Accepted, Button, Capabilities, OutgoingChat
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://chatapi.viber.com"
WRONG_TOKEN: Final = 2
DEAD: Final = frozenset({5, 6})
"""Nobody has the id, or who has it is no subscriber."""
OPERATORS: Final = frozenset({WRONG_TOKEN, 7, 8, 9, 10, 15, 22, 23, 24})
"""Tokens, blocked or suspended bots, webhooks and bills: the operator's to mend, and the message waits meanwhile."""
SLOWER: Final = 12
REFUSED: Final = frozenset({1, 3, 4, 11, 13, 14, 16, 17, 18, 19, 20, 21})
CAPTION_LIMIT: Final = 768
NAME_LIMIT: Final = 28


class ViberSender:
    """The `Sender` of Viber for one bot. It knows no idempotency key: an unknown outcome stays one."""

    channel = "viber"
    capabilities = Capabilities("chat", tells=frozenset({"delivered", "opened", "failed"}))

    def __init__(
        self,
        token: str,
        name: str,
        clock: Clock,
        *,
        avatar: str | None = None,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`name` is who writes, of at most `NAME_LIMIT` characters; `avatar` the URL of its picture."""
        self._sender = {"name": name} if avatar is None else {"name": name, "avatar": avatar}
        self._clock = clock
        self._http = ProviderHttp(base_url, headers={"X-Viber-Auth-Token": token}, timeout=timeout)

    async def send(self, message: OutgoingChat) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        document = {**document_of(message), "sender": self._sender}
        answer = await self._http("POST", "/pa/send_message", document=document)
        found = json_of(answer)
        if not answer.is_success or found.get("status") != 0:
            raise self._refusal(answer, found, message.to)
        token = found.get("message_token")
        if not isinstance(token, int | str) or not token:
            raise UnknownOutcomeError("the provider's answer does not name the message")
        return Accepted(str(token))

    async def check(self) -> None:
        """Ask for the account. Raises `RejectedError` for a wrong token, `TemporaryError` where nobody answers."""
        answer = await self._http("POST", "/pa/get_account_info", document={})
        found = json_of(answer)
        if found.get("status") in OPERATORS:
            raise RejectedError(f"the provider refuses the credentials: {found.get('status')}")
        if not answer.is_success or found.get("status") != 0:
            raise TemporaryError(f"the provider answers {answer.status_code} {found.get('status', '')}".strip())

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, found: Mapping[str, Any], to: str) -> SendError:
        """Sorted by the code in the body: the status of HTTP is 200 whatever happens."""
        code, now = found.get("status"), self._clock.now()
        words = scrub(f"{code} {found.get('status_message', '')}".replace(to, "<user>"))
        if not answer.is_success:
            return refused(answer, words, now)
        if code == SLOWER:
            return ThrottledError(words, retry_after(answer, now))
        if code in OPERATORS:
            return TemporaryError(words)
        if code in DEAD:
            return AddressRejectedError(words)
        # What is not documented may have been sent.
        return RejectedError(words) if code in REFUSED else UnknownOutcomeError(words)


def document_of(message: OutgoingChat) -> dict[str, Any]:
    """The body of a call; the ledger's id comes back with what the person answers.

    Raises `RejectedError` for more text than Viber takes beside a picture.
    """
    document: dict[str, Any] = {"receiver": message.to, "tracking_data": message.id, "min_api_version": 1}
    if message.buttons:
        # Buttons with a `Silent` press, as links want them, are of version 3.
        keyboard = {"Type": "keyboard", "Buttons": [_button(button) for button in message.buttons]}
        document |= {"keyboard": keyboard, "min_api_version": 3}
    if message.image is None:
        return {**document, "type": "text", "text": message.text}
    if len(message.text) > CAPTION_LIMIT:
        raise RejectedError(
            f"Viber takes {CAPTION_LIMIT} characters beside a picture: shorten the text, or leave it out"
        )
    return {**document, "type": "picture", "text": message.text, "media": message.image}


def _button(button: Button) -> dict[str, Any]:
    whole = {"Columns": 6, "Rows": 1, "Text": button.text}
    if button.url is not None:
        return {**whole, "ActionType": "open-url", "ActionBody": button.url, "Silent": True}
    return {**whole, "ActionType": "reply", "ActionBody": button.id}
