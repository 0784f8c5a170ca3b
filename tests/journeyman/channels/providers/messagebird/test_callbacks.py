"""MessageBird's callbacks, as its documentation has them."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from messagebird.error import ValidationError
from messagebird.request_validator import RequestValidator

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.messagebird.callbacks import MessageBirdCallbacks
from tests.journeyman.channels.providers.mails import fixture
from tests.journeyman.channels.providers.messagebird.harness import CALLBACK

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = "the workspace's signing key, of at least thirty-two octets"
READER = MessageBirdCallbacks(KEY)
ANOTHER = "another signing key, quite as long as the one that we know"


def token(url: str, body: bytes, now: datetime, key: str, **claims: Any) -> str:
    seconds = int(now.timestamp())
    said = {"iss": "MessageBird", "nbf": seconds, "exp": seconds + 60, "jti": "1", **claims}
    said.setdefault("url_hash", hashlib.sha256(url.encode()).hexdigest())
    if body:
        said.setdefault("payload_hash", hashlib.sha256(body).hexdigest())
    return jwt.encode({name: value for name, value in said.items() if value is not None}, key, "HS256")


def report(fields: dict[str, str], now: datetime = NOW, key: str = KEY, **claims: Any) -> Callback:
    """A GET with everything in its URL."""
    url = f"{CALLBACK}?{urlencode(fields)}"
    return Callback("GET", url, {"messagebird-signature-jwt": token(url, b"", now, key, **claims)}, b"")


def posted(body: bytes, kind: str, now: datetime = NOW) -> Callback:
    headers = {"messagebird-signature-jwt": token(CALLBACK, body, now, KEY), "content-type": kind}
    return Callback("POST", CALLBACK, headers, body)


def read(fields: dict[str, str]) -> list[Receipt | Reply]:
    return list(READER.read(report(fields), NOW))


def test_a_delivery_names_the_message_of_ours() -> None:
    (receipt,) = read(fixture(__file__, "delivered"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.message_id) == ("delivered", "msg_1")
    assert receipt.provider_message_id == "e8077d803532c0b5937c639b60216938"
    assert receipt.at == datetime(2017, 9, 1, 10, 0, 5, tzinfo=UTC)
    assert (receipt.address, receipt.permanent, receipt.detail) == (None, False, "")


@pytest.mark.parametrize(
    ("reason", "dead"), [("unknown subscriber", True), ("opted out", True), ("unavailable subscriber", False)]
)
def test_only_some_reasons_say_that_the_number_is_dead(reason: str, dead: bool) -> None:
    (receipt,) = read({**fixture(__file__, "failed"), "statusReason": reason})
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.permanent) == ("bounced", dead)
    assert receipt.address == ("+31612345678" if dead else None)
    assert receipt.detail == f"{reason} 1"


@pytest.mark.parametrize(
    ("told", "expected"), [("sent", "sent"), ("buffered", "sent"), ("expired", "bounced"), ("scheduled", None)]
)
def test_each_status(told: str, expected: str | None) -> None:
    found = read({**fixture(__file__, "delivered"), "status": told})
    assert [one.status for one in found if isinstance(one, Receipt)] == ([expected] if expected else [])


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "query"])
def test_what_people_write_is_a_reply_in_whatever_form_it_comes(kind: str) -> None:
    told = fixture(__file__, "incoming")
    body = json.dumps(told).encode() if kind == "application/json" else urlencode(told).encode()
    (reply,) = READER.read(report(told) if kind == "query" else posted(body, kind), NOW)
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.text) == ("sms", "+31612345678", "Stop")
    assert reply.at == datetime(2017, 9, 1, 10, 0, 5, tzinfo=UTC)


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    told = fixture(__file__, "delivered")
    assert read(told)[0].id == read(told)[0].id
    assert read(told)[0].id != read({**told, "status": "sent"})[0].id
    assert "31612345678" not in read(told)[0].id


@pytest.mark.parametrize(
    "parts",
    [
        {"key": ANOTHER},
        {"url_hash": hashlib.sha256(b"https://other.example").hexdigest()},
        {"payload_hash": hashlib.sha256(b"a body").hexdigest()},
        {"iss": "Another"},
        {"exp": None},
        {"nbf": None},
        {"now": NOW - timedelta(minutes=5)},
        {"now": NOW + timedelta(minutes=5)},
    ],
)
def test_what_is_not_signed_as_it_stands_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ForgedError):
        READER.read(report(fixture(__file__, "delivered"), **parts), NOW)


def test_a_changed_body_and_a_missing_token_are_refused() -> None:
    given = posted(b'{"id": "1"}', "application/json")
    for forged in (
        Callback("POST", CALLBACK, given.headers, b'{"id": "2"}'),
        Callback("POST", CALLBACK, {}, given.body),
    ):
        with pytest.raises(ForgedError):
            READER.read(forged, NOW)


@pytest.mark.parametrize("body", [b"{no JSON", b"[1]", b'{"status": "sent"}', b'"id"'])
def test_what_is_none_of_its_callbacks_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        READER.read(posted(body, "application/json"), NOW)


def test_its_own_validator_takes_and_refuses_what_we_do() -> None:
    now, validator = datetime.now(UTC), RequestValidator(KEY)
    good = report(fixture(__file__, "delivered"), now)
    claims = validator.validate_signature(good.headers["messagebird-signature-jwt"], good.url, good.body)
    assert claims["iss"] == "MessageBird"
    assert READER.read(good, now)
    for parts in ({"key": ANOTHER}, {"url_hash": "0" * 64}, {"iss": "Another"}):
        bad = report(fixture(__file__, "delivered"), now, **parts)
        with pytest.raises(ValidationError):
            validator.validate_signature(bad.headers["messagebird-signature-jwt"], bad.url, bad.body)
        with pytest.raises(ForgedError):
            READER.read(bad, now)
