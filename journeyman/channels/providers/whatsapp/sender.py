"""Messages through the WhatsApp Cloud API.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages; errors: .../support/error-codes.
"""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from journeyman.channels.errors import RejectedError, SendError, TemporaryError, ThrottledError
from journeyman.channels.ports import Accepted, Capabilities, ChatTemplate, OutgoingChat
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://graph.facebook.com/v23.0"
DEAD: Final = frozenset({131026})
"""Nobody on WhatsApp has the number."""
SLOWER: Final = frozenset({4, 80007, 130429, 131048, 131056, 133016})
OPERATORS: Final = frozenset({0, 3, 10, 190, 368, 131005, 131031, 131042, *range(200, 300)})
"""Keys, permissions and bills: the operator's to mend, and the message waits meanwhile."""
LATER: Final = frozenset({1, 2, 131000, 131016, 131057, 133004})
WINDOW: Final = 131047
"""More than 24 hours have gone by since the customer wrote: only an approved template may be sent."""


class WhatsAppSender:
    """The `Sender` of WhatsApp for one number. It knows no idempotency key: an unknown outcome stays one."""

    channel = "whatsapp"
    capabilities = Capabilities("phone", tells=frozenset({"sent", "delivered", "opened", "failed"}))

    def __init__(
        self,
        number: str,
        token: str,
        clock: Clock,
        *,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`number` is the id of the number that writes, not the number itself."""
        self._number = number
        self._clock = clock
        self._http = ProviderHttp(base_url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)

    async def send(self, message: OutgoingChat) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        answer = await self._http("POST", f"/{self._number}/messages", document=document_of(message))
        found = json_of(answer)
        if not answer.is_success:
            raise self._refusal(answer, found.get("error") or {}, message.to)
        sent = found.get("messages") or [{}]
        return Accepted(name_in(sent[0], "id"))

    async def check(self) -> None:
        """Ask for the number. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", f"/{self._number}?fields=verified_name"))

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, error: Mapping[str, Any], to: str) -> SendError:
        """Sorted by the code: the statuses of this API say little."""
        code, now = error.get("code"), self._clock.now()
        details = error.get("error_data")
        more = details.get("details", "") if isinstance(details, dict) else ""
        words = f"{code} {error.get('message', '')} {more}".replace(to.lstrip("+"), "<number>")
        if code in SLOWER:
            return ThrottledError(scrub(words), retry_after(answer, now))
        if code in OPERATORS or code in LATER:
            return TemporaryError(scrub(words))
        if code == WINDOW:
            return RejectedError("more than 24 hours since the customer wrote: send an approved template")
        return refused(answer, words, now, dead_address=code in DEAD)


def document_of(message: OutgoingChat) -> dict[str, Any]:
    """The body of a call; the ledger's id comes back with every status."""
    document: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to.lstrip("+"),
        "biz_opaque_callback_data": message.id,
    }
    if message.template is not None:
        return {**document, "type": "template", "template": _template(message.template)}
    if message.buttons:
        return {**document, "type": "interactive", "interactive": _interactive(message)}
    if message.image is not None:
        return {**document, "type": "image", "image": {"link": message.image, "caption": message.text}}
    return {**document, "type": "text", "text": {"body": message.text, "preview_url": "http" in message.text}}


def _template(template: ChatTemplate) -> dict[str, Any]:
    components: list[dict[str, Any]] = [
        {"type": kind, "parameters": [{"type": "text", "text": text} for text in texts]}
        for kind, texts in (("header", template.header_parameters), ("body", template.parameters))
        if texts
    ]
    components += [
        {"type": "button", "sub_type": "url", "index": str(place), "parameters": [{"type": "text", "text": text}]}
        for place, text in template.button_parameters.items()
    ]
    language = {"code": template.language, "policy": "deterministic"}
    return {"name": template.name, "language": language, "components": components}


def _interactive(message: OutgoingChat) -> dict[str, Any]:
    """Buttons that answer, or one that opens a link: WhatsApp takes no mixture."""
    found: dict[str, Any] = {"body": {"text": message.text}}
    if message.image is not None:
        found["header"] = {"type": "image", "image": {"link": message.image}}
    links = [button for button in message.buttons if button.url is not None]
    if links:
        first = links[0]
        parameters = {"display_text": first.text[:20], "url": first.url}
        return {**found, "type": "cta_url", "action": {"name": "cta_url", "parameters": parameters}}
    buttons = [{"type": "reply", "reply": {"id": button.id, "title": button.text[:20]}} for button in message.buttons]
    return {**found, "type": "button", "action": {"buttons": buttons}}
