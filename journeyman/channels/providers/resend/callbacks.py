"""Resend's webhooks (https://resend.com/docs/dashboard/webhooks/event-types).

Signed as Standard Webhooks has it, under the names of Svix (https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests).
"""

import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, is_machine, news_id, read_body, read_part
from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status
from journeyman.channels.providers.resend.sender import TAG
from journeyman.channels.scrubbing import scrub
from journeyman.channels.webhooks.signatures import signed

OLDEST: Final = timedelta(minutes=5)
"""Each attempt is signed anew."""
EVENTS: Final[Mapping[str, Status]] = {
    "email.delivered": "delivered",
    "email.opened": "opened",
    "email.clicked": "clicked",
    "email.bounced": "bounced",
    "email.suppressed": "bounced",
    "email.complained": "complained",
    "email.failed": "failed",
}


def _by_name(tags: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Tags come as an object, or as a list of names and values."""
    if not isinstance(tags, list):
        return tags
    return {str(one.get("name")): one.get("value") for one in tags if isinstance(one, dict)}


class ResendDetail(Told):
    """What stands beside a bounce, a click, an open or a failure."""

    kind: str = Field(default="", alias="type")
    message: str = ""
    reason: str = ""
    link: str | None = None
    timestamp: str = ""
    agent: str | None = Field(default=None, alias="userAgent")


class ResendMail(Told):
    """The mail that an event is about."""

    email_id: str
    to: list[str] = Field(default_factory=list)
    tags: Annotated[Mapping[str, str], BeforeValidator(_by_name)] = Field(default_factory=dict)
    bounce: ResendDetail = ResendDetail()
    click: ResendDetail = ResendDetail()
    open: ResendDetail = ResendDetail()
    failed: ResendDetail = ResendDetail()
    suppressed: ResendDetail = ResendDetail()


class ResendNews(Told):
    """One event. `data` is that of a mail only where `type` says so."""

    type: str
    created_at: Instant = None
    data: Mapping[str, Any] = Field(default_factory=dict)


NEWS: Final = TypeAdapter(ResendNews)
MAIL: Final = TypeAdapter(ResendMail)


class ResendCallbacks:
    """Reads webhooks that are signed with the secret of one webhook."""

    def __init__(self, secret: str) -> None:
        """`secret` begins with `whsec_`. Raises `ValueError` for what is no secret."""
        try:
            signed(secret, "", datetime.fromtimestamp(0, UTC), b"")
        except binascii.Error as error:
            raise ValueError("it is no secret of a webhook") from error
        self._secret = secret

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        self._verify(callback, now)
        news = read_body(NEWS, callback.body)
        status = EVENTS.get(news.type)
        if status is None:
            return []
        return [_receipt(news, read_part(MAIL, news.data), status, now)]

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Resend asks nothing beforehand."""
        return None

    def _verify(self, callback: Callback, now: datetime) -> None:
        """HMAC-SHA256 of id, time and body; one of several signatures is enough, for secrets are replaced."""
        identity, seconds, given = (
            callback.headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature")
        )
        if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > len("9999999999"):
            raise ForgedError("svix-timestamp is none")
        at = datetime.fromtimestamp(int(seconds), UTC)
        expected = signed(self._secret, identity, at, callback.body)["webhook-signature"].encode()
        if not any(hmac.compare_digest(expected, one.encode()) for one in given.split(" ")):
            raise ForgedError("svix-signature does not fit")
        if abs(now - at) > OLDEST:
            raise ForgedError("the signature is too old")


def _receipt(news: ResendNews, mail: ResendMail, status: Status, now: datetime) -> Receipt:
    dead = news.type == "email.suppressed" or (status == "bounced" and mail.bounce.kind == "Permanent")
    told = mail.suppressed if news.type == "email.suppressed" else mail.failed if status == "failed" else mail.bounce
    return Receipt(
        id=news_id("resend", (mail.email_id, news.type, news.created_at, mail.click.link, mail.click.timestamp)),
        status=status,
        at=news.created_at or now,
        message_id=mail.tags.get(TAG),
        provider_message_id=mail.email_id,
        address=mail.to[0] if mail.to and (dead or status == "complained") else None,
        permanent=dead,
        machine=status == "opened" and is_machine(mail.open.agent),
        url=mail.click.link if status == "clicked" else None,
        detail=scrub(f"{told.kind} {told.reason or told.message}") if status in {"bounced", "failed"} else "",
    )
