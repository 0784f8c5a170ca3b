"""Resend's webhooks, as its documentation prints them."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import resend

from journeyman.channels.ports import Callback, ForgedError, Receipt, UnreadableError
from journeyman.channels.providers.resend.callbacks import ResendCallbacks
from tests.journeyman.channels.providers.mails import fixture

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes or more").decode()
READER = ResendCallbacks(SECRET)
NAMES = ("delivered", "opened", "clicked", "bounced", "complained", "failed", "suppressed")


def callback(body: bytes, at: datetime = NOW) -> Callback:
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"msg_p5jXN8AQM9LWM0D4loKWxJek.{seconds}.".encode() + body, "sha256"))
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": seconds,
        "svix-signature": f"v1,{base64.b64encode(b'of an older secret').decode()} v1,{signature.decode()}",
    }
    return Callback("POST", "https://journeyman.example/v1/callbacks/mails", headers, body)


def read(document: Any) -> list[Receipt]:
    told = READER.read(callback(json.dumps(document).encode()), NOW)
    return [one for one in told if isinstance(one, Receipt)]


def changed(name: str, **data: Any) -> dict[str, Any]:
    document = fixture(__file__, name)
    return {**document, "data": {**document["data"], **data}}


@pytest.mark.parametrize(
    ("name", "status", "permanent", "has_address", "detail"),
    [
        ("delivered", "delivered", False, False, ""),
        ("opened", "opened", False, False, ""),
        ("clicked", "clicked", False, False, ""),
        ("bounced", "bounced", True, True, "Permanent The recipient's email address is on the suppression list"),
        ("complained", "complained", False, True, ""),
        ("failed", "failed", False, False, "reached_daily_quota"),
        ("suppressed", "bounced", True, True, "OnAccountSuppressionList Resend has suppressed sending"),
    ],
)
def test_each_event_becomes_a_receipt_of_our_message(
    name: str, status: str, permanent: bool, has_address: bool, detail: str
) -> None:
    (receipt,) = read(fixture(__file__, name))
    assert (receipt.status, receipt.permanent, receipt.address is not None) == (status, permanent, has_address)
    assert (receipt.message_id, receipt.provider_message_id) == ("msg_1", "56761188-7520-42d8-8898-ff6fc54ce618")
    assert receipt.at == datetime(2024, 11, 22, 23, 41, 12, 126000, tzinfo=UTC)
    assert receipt.detail.startswith(detail)
    assert receipt.url == ("https://resend.com" if name == "clicked" else None)


@pytest.mark.parametrize("name", ["sent", "delayed"])
def test_that_it_is_on_its_way_is_no_news(name: str) -> None:
    assert read(fixture(__file__, name)) == []


def test_events_of_domains_and_contacts_are_no_news() -> None:
    assert read({"type": "domain.created", "created_at": "2024-11-22T23:41:12Z", "data": {"id": "d"}}) == []


def test_a_bounce_that_may_pass_leaves_the_address_alone() -> None:
    (receipt,) = read(changed("bounced", bounce={"message": "mailbox full", "type": "Transient"}))
    assert (receipt.status, receipt.permanent, receipt.address) == ("bounced", False, None)


def test_tags_are_read_in_either_form() -> None:
    (receipt,) = read(changed("delivered", tags=[{"name": "journeyman_message", "value": "msg_2"}]))
    assert receipt.message_id == "msg_2"
    (receipt,) = read(changed("delivered", tags=None))
    assert receipt.message_id is None


def test_an_open_by_apples_servers_is_one_of_a_machine() -> None:
    (receipt,) = read(changed("opened", open={"userAgent": "Mozilla/5.0", "ipAddress": "17.0.0.1"}))
    assert receipt.machine


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    ids = [read(fixture(__file__, name))[0].id for name in NAMES]
    assert ids == [read(fixture(__file__, name))[0].id for name in NAMES]
    assert len(set(ids)) == len(NAMES)
    again = changed("clicked", click={"link": "https://resend.com", "timestamp": "2024-11-25T05:00:57.163Z"})
    assert read(again)[0].id not in ids


def test_our_signatures_hold_before_resends_own_validator() -> None:
    body = json.dumps(fixture(__file__, "delivered")).encode()
    given = callback(body, datetime.now(UTC))
    identity, seconds, signature = (given.headers[f"svix-{name}"] for name in ("id", "timestamp", "signature"))
    headers: resend.WebhookHeaders = {"id": identity, "timestamp": seconds, "signature": signature}
    resend.Webhooks.verify({"payload": body.decode(), "headers": headers, "webhook_secret": SECRET})
    assert READER.read(given, datetime.now(UTC))


def test_the_signature_is_that_of_svixs_documentation() -> None:
    """https://docs.svix.com/receiving/verifying-payloads/how-manual."""
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    given = Callback("POST", "https://journeyman.example/", headers, b'{"test": 2432232314}')
    reader = ResendCallbacks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with pytest.raises(UnreadableError):  # it is let in, and is no event
        reader.read(given, datetime.fromtimestamp(1614265400, UTC))


@pytest.mark.parametrize("what", ["body", "id", "timestamp", "signature", "missing", "old", "future"])
def test_what_is_not_signed_as_it_stands_is_refused(what: str) -> None:
    ages = {"old": timedelta(minutes=-6), "future": timedelta(minutes=6)}
    given = callback(b"no JSON at all", NOW + ages.get(what, timedelta()))
    wrong = {"id": "msg_2", "timestamp": "²", "signature": "v1,äöü"}
    headers = dict(given.headers) | ({f"svix-{what}": wrong[what]} if what in wrong else {})
    body = given.body + b" " if what == "body" else given.body
    with pytest.raises(ForgedError, match="too old" if what in ages else "svix-"):
        READER.read(Callback("POST", given.url, {} if what == "missing" else headers, body), NOW)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"type": "email.opened"}', b'{"type": "email.opened", "data": 1}']
)
def test_what_is_no_event_cannot_be_read(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        READER.read(callback(body), NOW)
    assert READER.hello(callback(body)) is None
