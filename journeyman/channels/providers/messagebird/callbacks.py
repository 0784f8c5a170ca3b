"""MessageBird's callbacks: what became of a text message, and what people answer.

https://developers.messagebird.com/api/sms-messaging/#handle-a-status-report (a GET with everything in the URL) and
#receive-a-message; signatures: https://developers.messagebird.com/api/#verifying-http-requests.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import orjson
from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, news_id, read_part
from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status, UnreadableError
from journeyman.channels.scrubbing import scrub
from journeyman.channels.signed_tokens import claims_of, covers

ISSUER: Final = "MessageBird"
STATUSES: Final[Mapping[str, Status]] = {
    "sent": "sent",
    "buffered": "sent",
    "delivered": "delivered",
    "expired": "bounced",
    "delivery_failed": "bounced",
}
DEAD: Final = frozenset({"unknown subscriber", "opted out"})
"""Reasons after which the number is not to be written to."""


class _News(Told):
    """A status report, or a message where there is no status."""

    id: str = Field(min_length=1)
    reference: str | None = None
    recipient: str = ""
    status: str | None = None
    status_at: Instant = Field(None, alias="statusDatetime")
    reason: str = Field("", alias="statusReason")
    code: str = Field("", alias="statusErrorCode")
    originator: str = ""
    body: str | None = None
    payload: str | None = None
    created_at: Instant = Field(None, alias="createdDatetime")


_NEWS: Final = TypeAdapter(_News)


class MessageBirdCallbacks:
    """Reads callbacks that are signed with the workspace's signing key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        self._verify(callback, now)
        news = read_part(_NEWS, _fields(callback))
        return _receipts(news, now) if news.status is not None else [_reply(news, now)]

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """MessageBird asks nothing beforehand: its GET is a report."""
        return None

    def _verify(self, callback: Callback, now: datetime) -> None:
        """A token over the URL and the body, for a short time."""
        claims = claims_of(callback.headers.get("messagebird-signature-jwt", ""), self._key, now)
        if claims.get("iss") != ISSUER or "nbf" not in claims or "exp" not in claims:
            raise ForgedError("the token is none of MessageBird's")
        if not covers(claims, "url_hash", callback.url.encode()):
            raise ForgedError("the token is that of another URL")
        told = covers(claims, "payload_hash", callback.body) if callback.body else not claims.get("payload_hash")
        if not told:
            raise ForgedError("the token is that of another body")


def _fields(callback: Callback) -> Mapping[str, object]:
    """What the URL says and, of a POST, what the body says: a form or JSON."""
    try:
        fields: dict[str, object] = dict(parse_qsl(urlsplit(callback.url).query, max_num_fields=100))
        if callback.body and "json" in callback.headers.get("content-type", ""):
            return {**fields, **orjson.loads(callback.body)}
        return {**fields, **dict(parse_qsl(callback.body.decode(), max_num_fields=100))}
    except (ValueError, TypeError) as error:
        raise UnreadableError("the body is neither a form nor JSON") from error


def _receipts(news: _News, now: datetime) -> list[Receipt]:
    """What is said of a message; that it is scheduled is no news."""
    status = STATUSES.get(news.status or "")
    if status is None:
        return []
    dead = status == "bounced" and news.reason.lower() in DEAD
    code = news.code if news.code != "0" else ""
    return [
        Receipt(
            id=news_id("messagebird", (news.id, news.recipient, news.status)),
            status=status,
            at=news.status_at or now,
            message_id=news.reference,
            provider_message_id=news.id,
            address=_number(news.recipient) if dead and news.recipient else None,
            permanent=dead,
            detail=scrub(f"{news.reason} {code}".strip()) if status == "bounced" else "",
        )
    ]


def _reply(news: _News, now: datetime) -> Reply:
    return Reply(
        id=f"messagebird_{news.id}",
        channel="sms",
        sender=_number(news.originator),
        at=news.created_at or now,
        text=news.body if news.body is not None else news.payload or "",
    )


def _number(given: str) -> str:
    return f"+{given.lstrip('+')}" if given.lstrip("+").isdecimal() else given
