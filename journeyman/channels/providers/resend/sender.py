"""E-mail through Resend (https://resend.com/docs/api-reference/emails/send-email)."""

import base64
import re
from typing import Any, Final

import httpx

from journeyman.channels.addresses import From
from journeyman.channels.envelope import envelope, header_of
from journeyman.channels.errors import SendError, TemporaryError, UnknownOutcomeError
from journeyman.channels.ports import Accepted, Attachment, Capabilities, OutgoingMail
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.resend.com"
LARGEST: Final = 40_000_000
"""Bytes of a message, its attachments in base64 included."""
TAG: Final = "journeyman_message"
"""Under this word a message carries the ledger's id, which comes back with what is told of it."""
TAKEN_BEFORE: Final = frozenset({"concurrent_idempotent_requests", "invalid_idempotent_request"})
"""The message was handed over before: it is on its way in, or was taken with other content."""
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)


class ResendSender:
    """The `Sender` of e-mail for one account. The ledger's id is the idempotency key, which holds for a day."""

    channel = "email"
    capabilities = Capabilities(
        "email",
        idempotent=True,
        tells=frozenset({"delivered", "opened", "clicked", "bounced", "complained", "failed"}),
        size_limit=LARGEST,
    )

    def __init__(
        self, key: str, sender: From, clock: Clock, *, base_url: str = BASE_URL, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._sender = sender
        self._clock = clock
        self._http = ProviderHttp(base_url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout)

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        document = self._document(message)
        key = {"Idempotency-Key": message.id[:256]}
        answer = await self._http("POST", "/emails", document=document, headers=key)
        if answer.is_success:
            return Accepted(name_in(json_of(answer), "id"))
        raise self._error(answer)

    async def check(self) -> None:
        """Ask for the domains. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        answer = await self._http("GET", "/domains")
        if json_of(answer).get("name") == "restricted_api_key":
            # It may send and nothing else, which is all that is asked of it.
            return
        let_in(answer)

    async def close(self) -> None:
        await self._http.close()

    def _error(self, answer: httpx.Response) -> SendError:
        """Codes: https://resend.com/docs/api-reference/errors."""
        found = json_of(answer)
        name, said = str(found.get("name", "")), str(found.get("message", ""))
        words = f"{name} {said}"
        if name in TAKEN_BEFORE:
            return UnknownOutcomeError(f"{answer.status_code} {scrub(words)}")
        if "API key is invalid" in said:
            return TemporaryError(f"{answer.status_code} {scrub(words)}")
        dead = "`to`" in said and answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        return refused(answer, words, self._clock.now(), dead_address=dead)

    def _document(self, message: OutgoingMail) -> dict[str, Any]:
        head = envelope(message, self._sender)
        document: dict[str, Any] = {
            "from": header_of(head.author),
            "to": [head.to],
            "subject": head.subject,
            "text": message.text,
            "headers": dict(head.headers),
        }
        document |= {"html": message.html} if message.html is not None else {}
        if message.attachments:
            document["attachments"] = [_attachment(one) for one in message.attachments]
        document |= {"reply_to": header_of(head.reply_to)} if head.reply_to else {}
        document |= {"tags": [{"name": TAG, "value": message.id}]} if _VALUE.fullmatch(message.id) else {}
        return document


def _attachment(one: Attachment) -> dict[str, str]:
    content = base64.b64encode(one.content).decode()
    return {"filename": one.name, "content": content, "content_type": one.content_type}
