"""Vonage's webhooks: what became of a text message, and what people answer.

https://developer.vonage.com/en/api/messages (Message Status, Inbound Message); signatures:
https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, read_body
from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status
from journeyman.channels.scrubbing import scrub
from journeyman.channels.signed_tokens import claims_of, covers, issued

OLDEST: Final = timedelta(hours=25)
"""Vonage tries again for a day."""
STATUSES: Final[Mapping[str, Status]] = {
    "submitted": "sent",
    "delivered": "delivered",
    "rejected": "bounced",
    "undeliverable": "failed",
}
DEAD: Final = frozenset({"1050", "1170", "1190", "1240"})
"""Barred, no number, absent for good, an illegal number (developer.vonage.com/en/api-errors/messages)."""


class _Problem(Told):
    type: str = ""
    title: str = ""


class _News(Told):
    """A status, or a message where there is a `message_type`."""

    message_uuid: str = Field(min_length=1)
    to: str = ""
    sender: str = Field("", alias="from")
    timestamp: Instant = None
    status: str = ""
    client_ref: str | None = None
    error: _Problem | None = None
    channel: str = ""
    message_type: str | None = None
    text: str = ""


_NEWS: Final = TypeAdapter(_News)


class VonageCallbacks:
    """Reads webhooks that are signed with the account's signature secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        self._verify(callback, now)
        news = read_body(_NEWS, callback.body)
        if news.channel != "sms":
            return []
        return [_reply(news, now)] if news.message_type is not None else _receipts(news, now)

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Vonage asks nothing beforehand."""
        return None

    def _verify(self, callback: Callback, now: datetime) -> None:
        """A token over the body; one without its hash could stand above any body."""
        scheme, _, token = callback.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise ForgedError("there is no signed token")
        claims = claims_of(token.strip(), self._secret, now)
        if abs(now.timestamp() - issued(claims)) > OLDEST.total_seconds():
            raise ForgedError("the token is too old")
        if not covers(claims, "payload_hash", callback.body):
            raise ForgedError("the token is that of another body")


def _receipts(news: _News, now: datetime) -> list[Receipt]:
    if news.status not in STATUSES:
        return []
    problem = news.error or _Problem()
    code = problem.type.rpartition("#")[2]
    dead = code in DEAD
    return [
        Receipt(
            id=f"vonage_{news.message_uuid}_{news.status}",
            status=STATUSES[news.status],
            at=news.timestamp or now,
            message_id=news.client_ref,
            provider_message_id=news.message_uuid,
            address=_number(news.to) if dead and news.to else None,
            permanent=dead,
            detail=scrub(" ".join(dict.fromkeys(word for word in (code, problem.title) if word))),
        )
    ]


def _reply(news: _News, now: datetime) -> Reply:
    return Reply(
        id=f"vonage_{news.message_uuid}",
        channel="sms",
        sender=_number(news.sender),
        at=news.timestamp or now,
        text=news.text,
    )


def _number(given: str) -> str:
    return f"+{given}" if given.isdecimal() else given
