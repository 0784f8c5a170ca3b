"""What SES tells through a topic of SNS (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).

A topic that delivers raw messages does not sign them: raw delivery has to be off.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, is_machine, news_id, read_body
from journeyman.channels.ports import Callback, Receipt, Reply, Response, Status
from journeyman.channels.providers.ses.sender import TAG
from journeyman.channels.scrubbing import scrub
from journeyman.channels.sns import Fetch, SnsReader, fetched
from journeyman.kit.clock import Clock, SystemClock

EVENTS: Final[Mapping[str, Status]] = {
    "Delivery": "delivered",
    "Open": "opened",
    "Click": "clicked",
    "Bounce": "bounced",
    "Complaint": "complained",
    "Subscription": "unsubscribed",
    "Reject": "failed",
    "Rendering Failure": "failed",
}


class SesRecipient(Told):
    """One whom a bounce or a complaint is about."""

    address: str = Field(alias="emailAddress")
    diagnostic: str = Field(default="", alias="diagnosticCode")


class SesPreferences(Told):
    """What somebody chose on the page of SES for ending subscriptions."""

    everything: bool = Field(default=False, alias="unsubscribeAll")


class SesDetail(Told):
    """What stands beside the mail, under the name of the event."""

    timestamp: Instant = None
    feedback: str = Field(default="", alias="feedbackId")
    kind: str = Field(default="", alias="bounceType")
    part: str = Field(default="", alias="bounceSubType")
    bounced: list[SesRecipient] = Field(default_factory=list, alias="bouncedRecipients")
    complaining: list[SesRecipient] = Field(default_factory=list, alias="complainedRecipients")
    complaint: str = Field(default="", alias="complaintFeedbackType")
    link: str | None = None
    agent: str | None = Field(default=None, alias="userAgent")
    reason: str = ""
    words: str = Field(default="", alias="errorMessage")
    preferences: SesPreferences = Field(default=SesPreferences(), alias="newTopicPreferences")


class SesMail(Told):
    """The mail that an event is about."""

    id: str = Field(alias="messageId")
    tags: Mapping[str, list[str]] = Field(default_factory=dict)


class SesNews(Told):
    """One event; notifications that are set at an identity have another name for its kind, and no tags."""

    event: str = Field(default="", alias="eventType")
    notification: str = Field(default="", alias="notificationType")
    mail: SesMail
    bounce: SesDetail | None = None
    complaint: SesDetail | None = None
    delivery: SesDetail | None = None
    open: SesDetail | None = None
    click: SesDetail | None = None
    reject: SesDetail | None = None
    failure: SesDetail | None = None
    subscription: SesDetail | None = None

    @property
    def kind(self) -> str:
        return self.event or self.notification

    @property
    def detail(self) -> SesDetail:
        """What is told beside the mail."""
        parts = (self.bounce, self.complaint, self.delivery, self.open, self.click, self.reject, self.failure)
        return next((part for part in (*parts, self.subscription) if part is not None), SesDetail())


NEWS: Final = TypeAdapter(SesNews)


class SesCallbacks:
    """Reads what one topic of SNS tells of mail, and lets the topic send here.

    Certificates, and the address that confirms a subscription, are fetched while the caller waits: the first message
    after a start takes a request to AWS.
    """

    def __init__(self, topic: str, fetch: Fetch = fetched, clock: Clock | None = None) -> None:
        self._sns = SnsReader(topic, fetch)
        self._clock = clock or SystemClock()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError`, `UnreadableError`, and `OverloadedError` where AWS cannot be reached."""
        message = self._sns.read(callback.body, now)
        if message.type != "Notification" or not message.message.startswith("{"):
            # A topic says in plain words that it works.
            return []
        news = read_body(NEWS, message.message)
        status = _status(news)
        return [] if status is None else [_receipt(news, status, now)]

    def hello(self, callback: Callback) -> Response | None:
        """SNS sends nothing to an address before that has confirmed the subscription. Raises as `read`."""
        if callback.headers.get("x-amz-sns-message-type") != "SubscriptionConfirmation":
            return None
        message = self._sns.read(callback.body, self._clock.now())
        if message.type != "SubscriptionConfirmation":
            return None
        self._sns.confirm(message)
        return Response()


def _status(news: SesNews) -> Status | None:
    """What an event says of a message; a complaint may say that something is no spam."""
    if news.kind == "Complaint" and news.detail.complaint == "not-spam":
        return None
    if news.kind == "Subscription" and not news.detail.preferences.everything:
        return None
    return EVENTS.get(news.kind)


def _receipt(news: SesNews, status: Status, now: datetime) -> Receipt:
    told = news.detail
    dead = status == "bounced" and told.kind == "Permanent"
    recipients = told.bounced if dead else told.complaining
    return Receipt(
        id=news_id("ses", (news.mail.id, news.kind, told.feedback, told.timestamp, told.link)),
        status=status,
        at=(told.timestamp or now).astimezone(UTC),
        message_id=next(iter(news.mail.tags.get(TAG, ())), None),
        provider_message_id=news.mail.id,
        address=recipients[0].address if recipients else None,
        permanent=dead,
        machine=status == "opened" and is_machine(told.agent),
        url=told.link if status == "clicked" else None,
        detail=_words(told) if status in {"bounced", "failed"} else "",
    )


def _words(told: SesDetail) -> str:
    said = told.bounced[0].diagnostic if told.bounced else told.reason or told.words
    return scrub(f"{told.kind} {told.part} {said}")
