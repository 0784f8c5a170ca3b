"""Messages through Messenger, from a page of Facebook.

https://developers.facebook.com/docs/messenger-platform/reference/send-api; errors: .../send-api/error-codes.
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
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://graph.facebook.com/v23.0"
NOBODY: Final = frozenset({2018001, 2018108, 1545041})
"""Subcodes: nobody has the id, has closed the account, or takes messages of this page."""
UNREACHABLE: Final = 551
WINDOW: Final = frozenset({2018065, 2018278})
"""Subcodes: more than 24 hours have gone by since the customer wrote."""
SLOWER: Final = frozenset({4, 32, 613, 80006})
OPERATORS: Final = frozenset({3, 10, 190, 368, *range(200, 300)})
"""Keys and permissions: the operator's to mend, and the message waits meanwhile."""
LATER: Final = 1200
"""Meta's own word for a passing failure of sending. Codes 1 and 2 may come although the message went."""
UNKNOWN: Final = frozenset({1, 2})
TEXT_LIMIT: Final = 2_000
BUTTON_TEXT_LIMIT: Final = 640
TITLE_LIMIT: Final = 80
"""Characters of a title and as many of a subtitle, which is all that stands beside a picture."""
LABEL_LIMIT: Final = 20


class MessengerSender:
    """The `Sender` of Messenger for one page. It knows no idempotency key: an unknown outcome stays one."""

    channel = "messenger"
    capabilities = Capabilities("chat", tells=frozenset({"delivered"}))

    def __init__(self, token: str, clock: Clock, *, base_url: str = BASE_URL, timeout: float = TIMEOUT_SECONDS) -> None:
        """`token` is the page's access token."""
        self._clock = clock
        self._http = ProviderHttp(base_url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)

    async def send(self, message: OutgoingChat) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        answer = await self._http("POST", "/me/messages", document=document_of(message))
        found = json_of(answer)
        if not answer.is_success:
            error = found.get("error")
            raise self._refusal(answer, error if isinstance(error, dict) else {}, message.to)
        return Accepted(name_in(found, "message_id"))

    async def check(self) -> None:
        """Ask for the page. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", "/me?fields=id"))

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, error: Mapping[str, Any], to: str) -> SendError:
        """Sorted by subcode, then by code: the statuses of this API say little."""
        code, subcode, now = error.get("code"), error.get("error_subcode"), self._clock.now()
        words = scrub(f"{code} {subcode or ''} {error.get('message', '')}".replace(to, "<user>"))
        if subcode in WINDOW:
            return RejectedError("more than 24 hours since the customer wrote: Messenger takes no message")
        if subcode in NOBODY or code == UNREACHABLE:
            return AddressRejectedError(words)
        if code in SLOWER:
            return ThrottledError(words, retry_after(answer, now))
        if code in OPERATORS or code == LATER:
            return TemporaryError(words)
        return UnknownOutcomeError(words) if code in UNKNOWN else refused(answer, words, now)


def document_of(message: OutgoingChat) -> dict[str, Any]:
    """The body of a call; the ledger's id comes back with echoes. Raises `RejectedError` for too much text."""
    return {
        "recipient": {"id": message.to},
        "messaging_type": "UPDATE",
        "message": {**_said(message), "metadata": message.id},
    }


def _said(message: OutgoingChat) -> dict[str, Any]:
    if message.image is not None:
        return _template({"template_type": "generic", "elements": [_element(message, message.image)]})
    if not message.buttons:
        return {"text": _within(message.text, TEXT_LIMIT, "")}
    text = _within(message.text, BUTTON_TEXT_LIMIT, " above buttons")
    buttons = [_button(button) for button in message.buttons]
    return _template({"template_type": "button", "text": text, "buttons": buttons})


def _template(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


def _element(message: OutgoingChat, image: str) -> dict[str, Any]:
    """A picture with a title and a subtitle, between which the text is shared out."""
    title, subtitle = _halves(_within(message.text, 2 * TITLE_LIMIT, " beside a picture"))
    element: dict[str, Any] = {"title": title, "image_url": image}
    if subtitle:
        element["subtitle"] = subtitle
    if message.buttons:
        element["buttons"] = [_button(button) for button in message.buttons]
    return element


def _halves(text: str) -> tuple[str, str]:
    """The text in two, between words where both parts still have room."""
    if len(text) <= TITLE_LIMIT:
        return text, ""
    cut = max(text.rfind(" ", 0, TITLE_LIMIT + 1), text.rfind("\n", 0, TITLE_LIMIT + 1))
    place = cut if cut >= len(text) - TITLE_LIMIT - 1 else TITLE_LIMIT
    return text[:place].rstrip(), text[place:].strip()


def _within(text: str, limit: int, where: str) -> str:
    if len(text) > limit:
        raise RejectedError(f"Messenger takes {limit} characters{where}: shorten the text")
    return text


def _button(button: Button) -> dict[str, Any]:
    title = button.text[:LABEL_LIMIT]
    if button.url is not None:
        return {"type": "web_url", "url": button.url, "title": title}
    return {"type": "postback", "title": title, "payload": button.id}
