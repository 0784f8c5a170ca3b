"""Vonage's webhooks, as its documentation prints them."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import vonage_jwt

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.vonage.callbacks import VonageCallbacks
from tests.journeyman.channels.providers.mails import fixture
from tests.journeyman.channels.providers.vonage.harness import CALLBACK, ERRORS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "the account's signature secret, of at least thirty-two octets"
READER = VonageCallbacks(SECRET)


def token(body: bytes, secret: str = SECRET, **claims: Any) -> str:
    said = {"iat": int(NOW.timestamp()), "jti": "c5ba8f24", "iss": "Vonage", "api_key": "abcd1234"}
    return jwt.encode({**said, "payload_hash": hashlib.sha256(body).hexdigest(), **claims}, secret, "HS256")


def callback(document: Any, **parts: Any) -> Callback:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Callback("POST", CALLBACK, {"authorization": f"Bearer {token(body, **parts)}"}, body)


def read(document: Any) -> list[Receipt | Reply]:
    return list(READER.read(callback(document), NOW))


def test_a_delivery_names_the_message_of_ours() -> None:
    (receipt,) = read(fixture(__file__, "delivered"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.message_id) == ("delivered", "msg_1")
    assert receipt.provider_message_id == "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
    assert receipt.at == datetime(2025, 2, 3, 12, 14, 25, tzinfo=UTC)
    assert (receipt.address, receipt.permanent, receipt.detail) == (None, False, "")


def test_a_number_that_is_none_is_not_to_be_written_to() -> None:
    (receipt,) = read(fixture(__file__, "rejected"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.permanent, receipt.address) == ("bounced", True, "+447700900000")
    assert receipt.detail == "1240"


def test_another_rejection_leaves_the_number_alone() -> None:
    told = {**fixture(__file__, "rejected"), "error": {"type": f"{ERRORS}1180", "title": "Absent subscriber"}}
    (receipt,) = read(told)
    assert isinstance(receipt, Receipt)
    assert (receipt.permanent, receipt.address, receipt.detail) == (False, None, "1180 Absent subscriber")


@pytest.mark.parametrize(
    ("told", "expected"), [("submitted", "sent"), ("undeliverable", "failed"), ("read", None), ("later", None)]
)
def test_each_status(told: str, expected: str | None) -> None:
    found = read({**fixture(__file__, "delivered"), "status": told})
    assert [one.status for one in found if isinstance(one, Receipt)] == ([expected] if expected else [])


def test_what_people_write_is_a_reply() -> None:
    (reply,) = read(fixture(__file__, "inbound"))
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.text) == ("sms", "+447700900001", "Stop")


def test_other_channels_are_left_out() -> None:
    assert read({**fixture(__file__, "inbound"), "channel": "viber_service"}) == []


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    told = fixture(__file__, "delivered")
    assert read(told)[0].id == read(told)[0].id
    assert read(told)[0].id != read({**told, "status": "submitted"})[0].id


@pytest.mark.parametrize(
    "parts",
    [
        {"secret": "another secret, which is quite as long as the one that we know"},
        {"payload_hash": hashlib.sha256(b"another").hexdigest()},
        {"payload_hash": None},
        {"iat": int((NOW - timedelta(hours=26)).timestamp())},
        {"iat": None},
        {"iat": "today"},
        {"exp": int((NOW - timedelta(minutes=1)).timestamp())},
    ],
)
def test_what_is_not_signed_as_it_stands_is_refused(parts: dict[str, Any]) -> None:
    claims = {name: value for name, value in parts.items() if name == "secret" or value is not None}
    if None in parts.values():
        body = json.dumps(fixture(__file__, "delivered")).encode()
        kept = jwt.decode(token(body), SECRET, algorithms=["HS256"], options={"verify_iat": False})
        bare = {name: value for name, value in kept.items() if name not in parts}
        forged = Callback("POST", CALLBACK, {"authorization": f"Bearer {jwt.encode(bare, SECRET)}"}, body)
    else:
        forged = _signed_anyhow(claims)
    with pytest.raises(ForgedError):
        READER.read(forged, NOW)


def _signed_anyhow(claims: dict[str, Any]) -> Callback:
    """With claims that a library may refuse to write."""
    body = json.dumps(fixture(__file__, "delivered")).encode()
    secret = claims.pop("secret", SECRET)
    given = {"iat": int(NOW.timestamp()), "payload_hash": hashlib.sha256(body).hexdigest(), **claims}
    signed = jwt.PyJWS().encode(json.dumps(given).encode(), secret, "HS256")
    return Callback("POST", CALLBACK, {"authorization": f"Bearer {signed}"}, body)


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer nothing", "Basic abc"])
def test_a_call_without_a_token_is_refused(given: str) -> None:
    with pytest.raises(ForgedError):
        READER.read(Callback("POST", CALLBACK, {"authorization": given}, b"{}"), NOW)


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"channel": "sms"}', b"\xff"])
def test_what_is_none_of_its_webhooks_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        READER.read(callback(body), NOW)


def test_vonages_own_library_takes_the_signatures_that_we_take() -> None:
    for secret, good in ((SECRET, True), ("another secret, which is quite as long as the one that we know", False)):
        signed = token(b"{}", secret=secret, iat=0)
        assert vonage_jwt.verify_signature(signed, SECRET) is good
