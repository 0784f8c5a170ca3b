"""E-mail through Postmark (https://postmarkapp.com/developer/api/email-api)."""

import base64
from typing import Any, Final

from journeyman.channels.addresses import From
from journeyman.channels.envelope import envelope, header_of
from journeyman.channels.errors import TemporaryError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingMail
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.postmarkapp.com"
LARGEST: Final = 10_000_000
"""Bytes of a message (https://postmarkapp.com/developer/user-guide/send-email-with-api)."""
INVALID: Final = 300
INACTIVE: Final = 406
"""The address bounced before, complained, or is blocked (https://postmarkapp.com/developer/api/overview)."""
WAITS_FOR_ITS_OPERATOR: Final = frozenset({10, 400, 401, 402, 405, 412, 413, 1235})
"""Codes of a wrong token, an unconfirmed signature, spent credit, a pending account, a stream that is none."""
METADATA: Final = "message"
"""Under this word a message carries the ledger's id, which comes back with what is told of it."""


class PostmarkSender:
    """The `Sender` of e-mail for one server of Postmark. It knows no idempotency key: an unknown outcome stays one."""

    channel = "email"
    capabilities = Capabilities(
        "email",
        tells=frozenset({"delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed"}),
        size_limit=LARGEST,
    )

    def __init__(
        self,
        token: str,
        sender: From,
        clock: Clock,
        *,
        stream: str = "outbound",
        tracking: bool = False,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`tracking` has Postmark write its own pixel and links into the mail, beside ours."""
        self._sender = sender
        self._clock = clock
        self._stream = stream
        self._tracking = tracking
        headers = {"X-Postmark-Server-Token": token, "Accept": "application/json"}
        self._http = ProviderHttp(base_url, headers=headers, timeout=timeout)

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        answer = await self._http("POST", "/email", document=self._document(message))
        found = json_of(answer)
        if answer.is_success:
            return Accepted(name_in(found, "MessageID"))
        code, said = found.get("ErrorCode"), str(found.get("Message", ""))
        if code in WAITS_FOR_ITS_OPERATOR:
            raise TemporaryError(f"{answer.status_code} {code} {scrub(said)}")
        dead = code == INACTIVE or (code == INVALID and "'To'" in said)
        raise refused(answer, f"{code or ''} {said}", self._clock.now(), dead_address=dead)

    async def check(self) -> None:
        """Ask for the server. Raises `RejectedError` for a wrong token, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", "/server"))

    async def close(self) -> None:
        await self._http.close()

    def _document(self, message: OutgoingMail) -> dict[str, Any]:
        head = envelope(message, self._sender)
        document: dict[str, Any] = {
            "From": header_of(head.author),
            "To": head.to,
            "Subject": head.subject,
            "TextBody": message.text,
            "Headers": [{"Name": name, "Value": value} for name, value in head.headers.items()],
            "Metadata": {METADATA: message.id},
            "MessageStream": self._stream,
            "TrackOpens": self._tracking,
            "TrackLinks": "HtmlAndText" if self._tracking else "None",
        }
        document |= {"HtmlBody": message.html} if message.html is not None else {}
        if message.attachments:
            document["Attachments"] = [
                {"Name": one.name, "Content": base64.b64encode(one.content).decode(), "ContentType": one.content_type}
                for one in message.attachments
            ]
        document |= {"ReplyTo": header_of(head.reply_to)} if head.reply_to else {}
        return document
