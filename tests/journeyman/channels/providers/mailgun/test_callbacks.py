"""Mailgun's webhooks, as its documentation prints them."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mailgun.security import SecurityGuard

from journeyman.channels.ports import Callback, ForgedError, Receipt, UnreadableError
from journeyman.channels.providers.mailgun.callbacks import MailgunCallbacks
from tests.journeyman.channels.providers.mails import fixture

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = "the webhook signing key"
READER = MailgunCallbacks(KEY)
NAMES = ("delivered", "opened", "clicked", "permanent", "complained", "unsubscribed", "rejected")
ID = "20130503182626.18666.16540@sample.mailgun.com"


def signature(at: datetime = NOW) -> dict[str, str]:
    seconds, token = str(int(at.timestamp())), "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
    digest = hmac.digest(KEY.encode(), (seconds + token).encode(), "sha256").hex()
    return {"timestamp": seconds, "token": token, "signature": digest}


def callback(body: Any) -> Callback:
    return Callback("POST", "https://journeyman.example/v1/callbacks/mails", {}, json.dumps(body).encode())


def read(event: Any) -> list[Receipt]:
    told = READER.read(callback({"signature": signature(), "event-data": event}), NOW)
    return [one for one in told if isinstance(one, Receipt)]


@pytest.mark.parametrize(
    ("name", "status", "address", "url"),
    [
        ("delivered", "delivered", None, None),
        ("opened", "opened", None, None),
        ("clicked", "clicked", None, "https://example.com/offer"),
        ("permanent", "bounced", "alice@example.com", None),
        ("complained", "complained", "alice@example.com", None),
        ("unsubscribed", "unsubscribed", None, None),
        ("rejected", "failed", None, None),
    ],
)
def test_each_event_becomes_a_receipt_of_our_message(
    name: str, status: str, address: str | None, url: str | None
) -> None:
    (receipt,) = read(fixture(__file__, name))
    assert (receipt.status, receipt.address, receipt.url) == (status, address, url)
    assert (receipt.message_id, receipt.provider_message_id) == ("msg_1", ID)
    assert receipt.at.year == 2018
    assert not receipt.machine


@pytest.mark.parametrize("name", ["accepted", "temporary"])
def test_that_it_is_on_its_way_is_no_news(name: str) -> None:
    assert read(fixture(__file__, name)) == []


@pytest.mark.parametrize(
    ("changes", "status", "permanent"),
    [
        ({}, "bounced", True),
        ({"reason": "suppress-bounce", "delivery-status": {"code": 605}}, "bounced", True),
        ({"reason": "old"}, "bounced", False),
        ({"reason": "espblock"}, "bounced", False),
        ({"delivery-status": {"code": 552, "bounce-type": "soft"}}, "bounced", False),
        ({"reason": "suppress-complaint"}, "complained", False),
        ({"reason": "suppress-unsubscribe"}, "unsubscribed", False),
    ],
)
def test_a_failure_says_why(changes: dict[str, Any], status: str, permanent: bool) -> None:
    (receipt,) = read({**fixture(__file__, "permanent"), **changes})
    assert (receipt.status, receipt.permanent) == (status, permanent)


def test_a_bounce_tells_the_servers_words_without_the_address() -> None:
    (receipt,) = read(fixture(__file__, "permanent"))
    assert receipt.detail == "550 bounce 5.1.1 <address> user unknown"


@pytest.mark.parametrize("client", [{"bot": "apple"}, {"bot": True}, {"user-agent": "Mozilla/5.0"}])
def test_an_open_by_a_machine_is_marked(client: dict[str, Any]) -> None:
    (receipt,) = read({**fixture(__file__, "opened"), "client-info": client})
    assert receipt.machine


def test_a_link_that_a_machine_looked_at_is_no_click() -> None:
    assert read({**fixture(__file__, "clicked"), "client-info": {"bot": "generic"}}) == []


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    ids = [read(fixture(__file__, name))[0].id for name in NAMES]
    assert ids == [read(fixture(__file__, name))[0].id for name in NAMES]
    assert len(set(ids)) == len(NAMES)
    assert read({**fixture(__file__, "opened"), "timestamp": 1521243399})[0].id not in ids


def test_our_signatures_hold_before_mailguns_own_validator() -> None:
    given = signature(datetime.now(UTC))
    assert SecurityGuard.verify_webhook(KEY, given["token"], given["timestamp"], given["signature"])
    body = {"signature": given, "event-data": fixture(__file__, "delivered")}
    assert READER.read(callback(body), datetime.now(UTC))


@pytest.mark.parametrize("what", ["timestamp", "token", "signature", "old", "future"])
def test_what_is_not_signed_as_it_stands_is_refused(what: str) -> None:
    ages = {"old": timedelta(hours=-10), "future": timedelta(hours=10)}
    given = signature(NOW + ages.get(what, timedelta()))
    wrong = {"timestamp": "1772452801", "token": "other", "signature": "äöü"}
    given |= {what: wrong[what]} if what in wrong else {}
    with pytest.raises(ForgedError, match="too old" if what in ages else "does not fit"):
        READER.read(callback({"signature": given, "event-data": "nonsense"}), NOW)


@pytest.mark.parametrize("body", [[], {}, {"signature": {}}, {"signature": signature()}])
def test_what_is_no_event_cannot_be_read(body: Any) -> None:
    with pytest.raises(UnreadableError):
        READER.read(callback(body), NOW)
    assert READER.hello(callback(body)) is None
