"""Postmark's webhooks (https://postmarkapp.com/developer/webhooks/webhooks-overview).

They are not signed: Postmark sends the user and the password that stand in the webhook's URL (RFC 7617).
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, is_machine, news_id, read_body
from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status
from journeyman.channels.providers.postmark.sender import METADATA
from journeyman.channels.scrubbing import scrub

DEAD: Final = frozenset({"HardBounce", "BadEmailAddress"})
"""Kinds of bounces (https://postmarkapp.com/developer/api/bounce-api#bounce-types) of boxes that are none."""
NO_BOUNCES: Final = frozenset({"AutoResponder", "AddressChange", "ChallengeVerification", "OpenRelayTest", "Subscribe"})
"""Kinds under which Postmark files answers that say nothing of the delivery."""
FAILED: Final = frozenset({"SMTPApiError", "TemplateRenderingFailed", "VirusNotification"})
RECORDS: Final[Mapping[str, Status]] = {
    "Delivery": "delivered",
    "Open": "opened",
    "Click": "clicked",
    "SpamComplaint": "complained",
}


class PostmarkNews(Told):
    """The fields that matter of all kinds of records."""

    record: str = Field(alias="RecordType")
    message: str | None = Field(default=None, alias="MessageID")
    metadata: Mapping[str, str] = Field(default_factory=dict, alias="Metadata")
    kind: str = Field(default="", alias="Type")
    bounce: str = Field(default="", alias="ID")
    email: str | None = Field(default=None, alias="Email")
    recipient: str | None = Field(default=None, alias="Recipient")
    description: str = Field(default="", alias="Description")
    details: str = Field(default="", alias="Details")
    inactive: bool = Field(default=False, alias="Inactive")
    link: str | None = Field(default=None, alias="OriginalLink")
    agent: str | None = Field(default=None, alias="UserAgent")
    suppressing: bool = Field(default=False, alias="SuppressSending")
    reason: str | None = Field(default=None, alias="SuppressionReason")
    delivered_at: Instant = Field(default=None, alias="DeliveredAt")
    bounced_at: Instant = Field(default=None, alias="BouncedAt")
    received_at: Instant = Field(default=None, alias="ReceivedAt")
    changed_at: Instant = Field(default=None, alias="ChangedAt")

    @property
    def at(self) -> datetime | None:
        return self.delivered_at or self.bounced_at or self.received_at or self.changed_at


NEWS: Final = TypeAdapter(PostmarkNews)


class PostmarkCallbacks:
    """Reads webhooks that come with the user and the password of their URL."""

    def __init__(self, user: str, password: str) -> None:
        self._expected = b"Basic " + base64.b64encode(f"{user}:{password}".encode())

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        if not hmac.compare_digest(self._expected, callback.headers.get("authorization", "").encode()):
            raise ForgedError("user or password do not fit")
        news = read_body(NEWS, callback.body)
        status = _status(news)
        return [_receipt(news, status, now)] if status is not None and news.message else []

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Postmark asks nothing beforehand."""
        return None


def _status(news: PostmarkNews) -> Status | None:
    """What a record says of a message; None for what is no news.

    Bounces and complaints suppress an address, too, and are told by themselves: only who unsubscribed is news there.
    """
    if news.record == "SubscriptionChange":
        return "unsubscribed" if news.suppressing and news.reason == "ManualSuppression" else None
    if news.record != "Bounce":
        return RECORDS.get(news.record)
    if news.kind in NO_BOUNCES:
        return None
    if news.kind == "Unsubscribe":
        return "unsubscribed"
    return "failed" if news.kind in FAILED else "bounced"


def _receipt(news: PostmarkNews, status: Status, now: datetime) -> Receipt:
    dead = status == "bounced" and (news.kind in DEAD or news.inactive)
    return Receipt(
        id=news_id("postmark", (news.message, news.record, news.bounce, news.at, news.link)),
        status=status,
        at=news.at or now,
        message_id=news.metadata.get(METADATA),
        provider_message_id=news.message,
        address=(news.email or news.recipient) if dead or status == "complained" else None,
        permanent=dead,
        machine=status == "opened" and is_machine(news.agent),
        url=news.link if status == "clicked" else None,
        detail=scrub(f"{news.kind} {news.details or news.description}") if status in {"bounced", "failed"} else "",
    )
