"""SendGrid's event webhook (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event).

Signatures: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, is_machine, news_id, read_body
from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status
from journeyman.channels.providers.sendgrid.sender import ARGUMENT
from journeyman.channels.scrubbing import scrub

OLDEST: Final = timedelta(hours=25)
"""SendGrid repeats for a day what was not taken."""
EVENTS: Final[Mapping[str, Status]] = {
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
DROPPED: Final[Mapping[str, Status]] = {
    "bounced address": "bounced",
    "invalid": "bounced",
    "spam reporting address": "complained",
    "unsubscribed address": "unsubscribed",
}
"""Why SendGrid did not even try: what the address did before. Anything else is a failure of this message."""


class SendGridNews(Told):
    """One event of a batch."""

    event: str
    event_id: str | None = Field(default=None, alias="sg_event_id")
    sendgrid_id: str = Field(default="", alias="sg_message_id")
    message: str | None = Field(default=None, alias=ARGUMENT)
    timestamp: Instant = None
    email: str | None = None
    kind: str = Field(default="", alias="type")
    status: str = ""
    reason: str = ""
    url: str | None = None
    agent: str | None = Field(default=None, alias="useragent")
    machine: bool = Field(default=False, alias="sg_machine_open")


NEWS: Final = TypeAdapter(list[SendGridNews])


class SendGridCallbacks:
    """Reads batches of events, signed with a private key of SendGrid's."""

    def __init__(self, public_key: str) -> None:
        """`public_key` is in base64, as SendGrid shows it. Raises `ValueError` for what is none."""
        self._key = public_key_of(public_key)

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        self._verify(callback, now)
        told = read_body(NEWS, callback.body)
        return [_receipt(news, status, now) for news in told if (status := _status(news)) is not None]

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """SendGrid asks nothing beforehand."""
        return None

    def _verify(self, callback: Callback, now: datetime) -> None:
        """ECDSA with SHA-256 over the time in seconds and the body."""
        seconds = callback.headers.get("x-twilio-email-event-webhook-timestamp", "")
        try:
            given = callback.headers.get("x-twilio-email-event-webhook-signature", "")
            signature = base64.b64decode(given.encode(), validate=True)
            self._key.verify(signature, seconds.encode() + callback.body, ec.ECDSA(hashes.SHA256()))
            age = abs(now.timestamp() - float(seconds))
        except (InvalidSignature, ValueError, binascii.Error) as error:
            raise ForgedError("the signature does not fit") from error
        if not age <= OLDEST.total_seconds():
            raise ForgedError("the signature is too old")


def public_key_of(text: str) -> ec.EllipticCurvePublicKey:
    """Raises `ValueError` for what is no public key of an elliptic curve in base64."""
    try:
        key = load_der_public_key(base64.b64decode(text.encode(), validate=True))
    except (ValueError, binascii.Error) as error:
        raise ValueError("it is no public key in base64") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("it is no key of an elliptic curve")  # noqa: TRY004 - its content is wrong, not its type
    return key


def _status(news: SendGridNews) -> Status | None:
    """What an event says of a message; that it is on its way, or late, is no news."""
    if news.event == "dropped":
        return DROPPED.get(news.reason.strip().lower(), "failed")
    return EVENTS.get(news.event)


def _receipt(news: SendGridNews, status: Status, now: datetime) -> Receipt:
    dead = status == "bounced" and (news.event == "dropped" or news.kind != "blocked")
    known = (news.event_id,) if news.event_id else (news.sendgrid_id, news.event, news.timestamp, news.email)
    return Receipt(
        id=news_id("sendgrid", known),
        status=status,
        at=news.timestamp or now,
        message_id=news.message,
        provider_message_id=news.sendgrid_id.partition(".")[0] or None,
        address=news.email if dead or status == "complained" else None,
        permanent=dead,
        machine=status == "opened" and (news.machine or is_machine(news.agent)),
        url=news.url if status == "clicked" else None,
        detail=scrub(f"{news.status} {news.reason}") if status in {"bounced", "failed"} else "",
    )
