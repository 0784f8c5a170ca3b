"""Mailgun's webhooks (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads).

Signatures: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks. They are over a time
and a random word that stand in the body, not over what the body tells: it is TLS that keeps the rest as it was sent.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, is_machine, news_id, read_body, read_part
from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status
from journeyman.channels.providers.mailgun.sender import VARIABLE
from journeyman.channels.scrubbing import scrub

OLDEST: Final = timedelta(hours=9)
"""Mailgun repeats for eight hours what was not taken."""
EVENTS: Final[Mapping[str, Status]] = {
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
    "rejected": "failed",
}
SUPPRESSED: Final[Mapping[str, Status]] = {
    "suppress-complaint": "complained",
    "suppress-unsubscribe": "unsubscribed",
}
"""Why Mailgun did not even try; other reasons are bounces."""
DEAD: Final = frozenset({"bounce", "suppress-bounce"})
"""Reasons that say that the address is none; others are of its server, of time, or of the mail."""
_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


class MailgunSignature(Told):
    """What proves where a webhook comes from."""

    timestamp: str
    token: str
    signature: str


class MailgunDelivery(Told):
    """What the receiving server said."""

    code: int = 0
    message: str = ""
    description: str = ""
    bounce_type: str = Field(default="", alias="bounce-type")


class MailgunClient(Told):
    """What opened the mail; `bot` is Mailgun's own finding: `apple`, `gmail`, `generic`, or nothing.

    https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect.
    """

    agent: str | None = Field(default=None, alias="user-agent")
    bot: str | bool = ""


class MailgunHeaders(Told):
    """The headers of the mail that are told again."""

    message_id: str = Field(default="", alias="message-id")


class MailgunMessage(Told):
    """The mail that an event is about."""

    headers: MailgunHeaders = MailgunHeaders()


class MailgunNews(Told):
    """One event."""

    event: str
    id: str = ""
    timestamp: Instant = None
    recipient: str | None = None
    severity: str = ""
    reason: str = ""
    url: str | None = None
    message: MailgunMessage = MailgunMessage()
    variables: Mapping[str, Any] = Field(default_factory=dict, alias="user-variables")
    delivery: MailgunDelivery = Field(default=MailgunDelivery(), alias="delivery-status")
    client: MailgunClient = Field(default=MailgunClient(), alias="client-info")


class MailgunBody(Told):
    """A webhook's body, of which only the signature is read before it is believed."""

    signature: MailgunSignature
    event: Any = Field(default=None, alias="event-data")


BODY: Final = TypeAdapter(MailgunBody)
NEWS: Final = TypeAdapter(MailgunNews)


class MailgunCallbacks:
    """Reads webhooks that are signed with the account's webhook signing key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        body = read_body(BODY, callback.body)
        self._verify(body.signature, now)
        news = read_part(NEWS, body.event)
        status = _status(news)
        return [] if status is None else [_receipt(news, status, now)]

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Mailgun asks nothing beforehand."""
        return None

    def _verify(self, given: MailgunSignature, now: datetime) -> None:
        """HMAC-SHA256 of time and token, in hexadecimal digits."""
        expected = hmac.digest(self._key, f"{given.timestamp}{given.token}".encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.signature.encode()):
            raise ForgedError("the signature does not fit")
        if not _SECONDS.fullmatch(given.timestamp):
            raise ForgedError("the signature has no time")
        if abs(now.timestamp() - int(given.timestamp)) > OLDEST.total_seconds():
            raise ForgedError("the signature is too old")


def _status(news: MailgunNews) -> Status | None:
    """What an event says of a message. That Mailgun tries again is no news, nor is a link that a machine looked at."""
    if news.event == "clicked" and news.client.bot:
        return None
    if news.event != "failed":
        return EVENTS.get(news.event)
    return SUPPRESSED.get(news.reason, "bounced") if news.severity != "temporary" else None


def _receipt(news: MailgunNews, status: Status, now: datetime) -> Receipt:
    dead = status == "bounced" and news.reason in DEAD and news.delivery.bounce_type != "soft"
    message_id, said = news.message.headers.message_id.strip("<>"), news.delivery
    ours = news.variables.get(VARIABLE)
    words = f"{said.code or ''} {news.reason} {said.message or said.description}"
    return Receipt(
        id=news_id("mailgun", (news.id, news.event, news.timestamp, message_id, news.url)),
        status=status,
        at=news.timestamp or now,
        message_id=ours if isinstance(ours, str) else None,
        provider_message_id=message_id or None,
        address=news.recipient if dead or status == "complained" else None,
        permanent=dead,
        machine=status == "opened" and (bool(news.client.bot) or is_machine(news.client.agent)),
        url=news.url if status == "clicked" else None,
        detail=scrub(words) if status in {"bounced", "failed"} else "",
    )
