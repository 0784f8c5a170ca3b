"""E-mail through Twilio SendGrid (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send)."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from journeyman.channels.addresses import From
from journeyman.channels.envelope import address_of, envelope
from journeyman.channels.ports import Accepted, Attachment, Capabilities, OutgoingMail
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.sendgrid.com"
LARGEST: Final = 30_000_000
"""Bytes of a message."""
RECIPIENT: Final = "personalizations.0.to.0.email"
"""The field of which an error speaks where the address is none."""
ARGUMENT: Final = "journeyman_message"
"""Under this word a message carries the ledger's id; in what is told of it, it stands among SendGrid's own words."""


class SendGridSender:
    """The `Sender` of e-mail for one account. It knows no idempotency key: an unknown outcome stays one."""

    channel = "email"
    capabilities = Capabilities(
        "email",
        tells=frozenset({"delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed"}),
        size_limit=LARGEST,
    )

    def __init__(
        self,
        key: str,
        sender: From,
        clock: Clock,
        *,
        tracking: bool = False,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`tracking` has SendGrid write its own pixel and links into the mail, beside ours."""
        self._sender = sender
        self._clock = clock
        self._tracking = tracking
        self._http = ProviderHttp(base_url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout)

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        answer = await self._http("POST", "/v3/mail/send", document=self._document(message))
        if answer.is_success:
            return Accepted(name_in(answer.headers, "x-message-id"))
        given = json_of(answer).get("errors")
        errors = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        words = "; ".join(str(one.get("message", "")) for one in errors)
        dead = any(one.get("field") == RECIPIENT for one in errors)
        raise refused(answer, words, self._clock.now(), dead_address=dead)

    async def check(self) -> None:
        """Ask what the key may. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", "/v3/scopes"))

    async def close(self) -> None:
        await self._http.close()

    def _document(self, message: OutgoingMail) -> dict[str, Any]:
        head = envelope(message, self._sender)
        content = [("text/plain", message.text), ("text/html", message.html)]
        document: dict[str, Any] = {
            "personalizations": [{"to": [{"email": head.to}]}],
            "from": _address(head.author),
            "subject": head.subject,
            "content": [{"type": kind, "value": value} for kind, value in content if value],
            "custom_args": {ARGUMENT: message.id},
            "tracking_settings": {
                "click_tracking": {"enable": self._tracking, "enable_text": self._tracking},
                "open_tracking": {"enable": self._tracking},
            },
        }
        if message.attachments:
            document["attachments"] = [_attachment(one) for one in message.attachments]
        document |= {"headers": dict(head.headers)} if head.headers else {}
        document |= {"reply_to": _address(head.reply_to)} if head.reply_to else {}
        return document


def _attachment(one: Attachment) -> Mapping[str, str]:
    content = base64.b64encode(one.content).decode()
    return {"content": content, "type": one.content_type, "filename": one.name, "disposition": "attachment"}


def _address(address: From) -> Mapping[str, str]:
    return {"email": address_of(address)} | ({"name": address.name} if address.name else {})
