"""E-mail through Mailgun (https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages)."""

from typing import Final

import httpx

from journeyman.channels.addresses import From
from journeyman.channels.envelope import envelope, written
from journeyman.channels.errors import TemporaryError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingMail
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.mailgun.net"
LARGEST: Final = 25_000_000
"""Bytes of a message."""
VARIABLE: Final = "journeyman_message"
"""Under this word a message carries the ledger's id, which comes back with what is told of it."""


class MailgunSender:
    """The `Sender` of e-mail for one domain; the whole mail is written here (RFC 5322), with our Message-ID.

    It knows no idempotency key: an unknown outcome stays one.
    """

    channel = "email"
    capabilities = Capabilities(
        "email",
        tells=frozenset({"delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed"}),
        size_limit=LARGEST,
    )

    def __init__(
        self,
        key: str,
        domain: str,
        sender: From,
        clock: Clock,
        *,
        tracking: bool = False,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`tracking` has Mailgun write its own pixel and links into the mail, beside ours."""
        self._path = f"/v3/{domain}/messages.mime"
        self._sender = sender
        self._clock = clock
        self._tracking = "yes" if tracking else "no"
        self._http = ProviderHttp(base_url, auth=("api", key), timeout=timeout)

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        recipient = envelope(message, self._sender).to
        mail = written(message, self._sender, self._clock.now())
        form = {"to": recipient, "o:tracking": self._tracking, f"v:{VARIABLE}": message.id}
        files = {"message": ("message.mime", mail, "message/rfc822")}
        answer = await self._http("POST", self._path, form=form, files=files)
        found = json_of(answer)
        if answer.is_success:
            return Accepted(name_in(found, "id").strip("<>"))
        said = str(found.get("message", ""))
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise TemporaryError(f"404 {scrub(said)}")
        dead = answer.status_code == httpx.codes.BAD_REQUEST and said.startswith("'to' parameter is not a valid")
        raise refused(answer, said, self._clock.now(), dead_address=dead)

    async def check(self) -> None:
        """Raises `RejectedError` for a wrong key or domain, `TemporaryError` where nobody answers.

        A key that may only send can ask for nothing else: that an empty message is found wanting shows that it is let
        in.
        """
        answer = await self._http("POST", self._path, form={"o:testmode": "yes"})
        if answer.status_code != httpx.codes.BAD_REQUEST:
            let_in(answer)

    async def close(self) -> None:
        await self._http.close()
