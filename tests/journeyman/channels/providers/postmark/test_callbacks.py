"""Postmark's webhooks, as its documentation prints them."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.channels.ports import Callback, ForgedError, Receipt, UnreadableError
from journeyman.channels.providers.postmark.callbacks import PostmarkCallbacks
from tests.journeyman.channels.providers.mails import fixture

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "secret"
READER = PostmarkCallbacks("postmark", PASSWORD)
ID = "883953f4-6105-42a2-a16a-77a8eac79483"


def callback(body: bytes, user: str = "postmark", password: str = PASSWORD) -> Callback:
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"authorization": f"Basic {basic}", "content-type": "application/json"}
    return Callback("POST", "https://journeyman.example/v1/callbacks/mails", headers, body)


def read(document: Any) -> list[Receipt]:
    told = READER.read(callback(json.dumps(document).encode()), NOW)
    return [one for one in told if isinstance(one, Receipt)]


@pytest.mark.parametrize(
    ("name", "status", "address", "url"),
    [
        ("delivery", "delivered", None, None),
        ("open", "opened", None, None),
        ("click", "clicked", None, "https://example.com"),
        ("bounce", "bounced", "john@example.com", None),
        ("complaint", "complained", "john@example.com", None),
        ("subscription", "unsubscribed", None, None),
    ],
)
def test_each_record_becomes_a_receipt_of_our_message(
    name: str, status: str, address: str | None, url: str | None
) -> None:
    (receipt,) = read(fixture(__file__, name))
    assert (receipt.status, receipt.address, receipt.url) == (status, address, url)
    assert (receipt.message_id, receipt.provider_message_id) == ("msg_1", ID)
    assert receipt.at.tzinfo is UTC
    assert receipt.at < NOW
    assert not receipt.machine


def test_a_hard_bounce_says_so_and_shows_no_address() -> None:
    (receipt,) = read(fixture(__file__, "bounce"))
    assert receipt.permanent
    assert receipt.detail == "HardBounce smtp;550 5.1.1 <address> user unknown"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("SoftBounce", "bounced"), ("Transient", "bounced"), ("Blocked", "bounced"), ("SMTPApiError", "failed")],
)
def test_other_bounces_leave_the_address_alone(kind: str, status: str) -> None:
    (receipt,) = read({**fixture(__file__, "bounce"), "Type": kind, "Inactive": False})
    assert (receipt.status, receipt.permanent, receipt.address) == (status, False, None)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("bounce", {"Type": "AutoResponder"}),
        ("subscription", {"SuppressSending": False, "SuppressionReason": None, "Tag": None, "Metadata": {}}),
        ("subscription", {"SuppressionReason": "HardBounce"}),
        ("subscription", {"MessageID": None, "Origin": "Admin"}),
        ("delivery", {"RecordType": "Inbound"}),
    ],
)
def test_what_is_no_news_of_a_message_is_left_out(name: str, changes: dict[str, Any]) -> None:
    assert read({**fixture(__file__, name), **changes}) == []


def test_an_open_by_apples_servers_is_one_of_a_machine() -> None:
    (receipt,) = read({**fixture(__file__, "open"), "UserAgent": "Mozilla/5.0"})
    assert (receipt.status, receipt.machine) == ("opened", True)


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    names = ("delivery", "open", "click", "bounce", "complaint", "subscription")
    ids = [read(fixture(__file__, name))[0].id for name in names]
    assert ids == [read(fixture(__file__, name))[0].id for name in names]
    assert len(set(ids)) == len(names)
    later = {**fixture(__file__, "open"), "ReceivedAt": "2019-11-05T16:40:00Z"}
    assert read(later)[0].id not in ids


@pytest.mark.parametrize(("user", "password"), [("postmark", "wrong"), ("other", "secret"), ("", "")])
def test_a_webhook_without_the_password_is_not_even_read(user: str, password: str) -> None:
    with pytest.raises(ForgedError):
        READER.read(callback(b"no JSON at all", user, password), NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"RecordType": {}}', b'{"RecordType": "Open", "Metadata": 1}'])
def test_what_is_no_record_cannot_be_read(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        READER.read(callback(body), NOW)


def test_a_time_that_cannot_be_read_is_the_present_one() -> None:
    (receipt,) = read({**fixture(__file__, "delivery"), "DeliveredAt": "yesterday"})
    assert receipt.at == NOW
    assert READER.hello(callback(b"{}")) is None
