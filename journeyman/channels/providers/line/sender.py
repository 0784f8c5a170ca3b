"""Messages through an official account of LINE.

https://developers.line.biz/en/reference/messaging-api/#send-push-message; retries:
https://developers.line.biz/en/docs/messaging-api/retrying-api-request.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

import httpx

from journeyman.channels.ports import Accepted, Button, Capabilities, OutgoingChat, shortened
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.line.me"
NAMES: Final = uuid.UUID("5d7e4a52-57ea-5b9f-8d9e-4b3e6f1c2a90")
"""The namespace in which our ids are made LINE's retry keys."""
DEAD: Final = re.compile(r"property, '?to'?[, ]", re.IGNORECASE)
"""What LINE says of an id that is none. `Failed to send messages` has other reasons, too: no id is given up for it.

Who has blocked the account is not told from others.
"""
LABEL_LIMIT: Final = 40


class LineSender:
    """The `Sender` of LINE for one official account. For 24 hours a second call with the same id sends nothing."""

    channel = "line"
    capabilities = Capabilities("chat", idempotent=True)

    def __init__(self, token: str, clock: Clock, *, base_url: str = BASE_URL, timeout: float = TIMEOUT_SECONDS) -> None:
        """`token` is a channel access token."""
        self._clock = clock
        self._http = ProviderHttp(base_url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)

    async def send(self, message: OutgoingChat) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        document = {"to": message.to, "messages": messages_of(message)}
        headers = {"X-Line-Retry-Key": retry_key(message.id)}
        answer = await self._http("POST", "/v2/bot/message/push", document=document, headers=headers)
        found = json_of(answer)
        is_told_again = answer.status_code == httpx.codes.CONFLICT and "x-line-accepted-request-id" in answer.headers
        if not answer.is_success and not is_told_again:
            words = _words(found).replace(message.to, "<user>")
            dead = answer.status_code == httpx.codes.BAD_REQUEST and DEAD.search(words) is not None
            raise refused(answer, words, self._clock.now(), dead_address=dead)
        return Accepted(_name(found, answer))

    async def check(self) -> None:
        """Ask for the account. Raises `RejectedError` for a wrong token, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", "/v2/bot/info"))

    async def close(self) -> None:
        await self._http.close()


def retry_key(identity: str) -> str:
    """Our id as LINE wants it; the same always gives the same one."""
    return str(uuid.uuid5(NAMES, identity))


def _words(found: Mapping[str, Any]) -> str:
    details = found.get("details")
    more = "; ".join(str(one.get("message", "")) for one in details) if isinstance(details, list) else ""
    return f"{found.get('message', '')} {more}".strip()


def _name(found: Mapping[str, Any], answer: httpx.Response) -> str:
    """The last message of the call, under which an answer quotes it; else the call, where it is all that is told."""
    sent = found.get("sentMessages")
    if isinstance(sent, list) and sent:
        return name_in(sent[-1], "id")
    call = answer.headers.get("x-line-accepted-request-id") or answer.headers.get("x-line-request-id")
    return name_in({"id": call}, "id")


def messages_of(message: OutgoingChat) -> list[dict[str, Any]]:
    """A picture and a text are two messages of one call; with buttons both stand in one frame, a Flex message."""
    if message.buttons:
        return [{"type": "flex", "altText": shortened(message.text), "contents": _bubble(message)}]
    text = {"type": "text", "text": message.text}
    if message.image is None:
        return [text]
    return [{"type": "image", "originalContentUrl": message.image, "previewImageUrl": message.image}, text]


def _bubble(message: OutgoingChat) -> dict[str, Any]:
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": message.text, "wrap": True}]}
    buttons = [{"type": "button", "style": "link", "action": _action(button)} for button in message.buttons]
    footer = {"type": "box", "layout": "vertical", "contents": buttons}
    bubble = {"type": "bubble", "body": body, "footer": footer}
    if message.image is None:
        return bubble
    return {**bubble, "hero": {"type": "image", "url": message.image, "size": "full", "aspectMode": "cover"}}


def _action(button: Button) -> dict[str, str]:
    label = button.text[:LABEL_LIMIT]
    if button.url is not None:
        return {"type": "uri", "label": label, "uri": button.url}
    return {"type": "postback", "label": label, "data": button.id or label, "displayText": label}
