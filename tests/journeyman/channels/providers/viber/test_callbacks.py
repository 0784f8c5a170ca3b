"""Viber's callbacks, as its documentation prints them."""

import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from viberbot import Api, BotConfiguration

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.viber.callbacks import ViberCallbacks
from tests.journeyman.channels.providers.viber.harness import TOKEN

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://journeyman.example/v1/callbacks/viber"
FIXTURES = Path(__file__).parent / "fixtures"
READER = ViberCallbacks(TOKEN)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def callback(document: Any, token: str = TOKEN) -> Callback:
    body = json.dumps(document).encode()
    signature = hmac.digest(token.encode(), body, "sha256").hex()
    return Callback("POST", URL, {"x-viber-content-signature": signature}, body)


def read(document: Any) -> list[Receipt | Reply]:
    return list(READER.read(callback(document), NOW))


@pytest.mark.parametrize("name", ["delivered", "seen", "failed", "unsubscribed", "message"])
def test_vibers_own_library_reads_the_fixtures_and_believes_the_same_signature(name: str) -> None:
    api = Api(BotConfiguration(auth_token=TOKEN, name="Shop", avatar=""))
    given = callback(fixture(name))
    assert api.verify_signature(given.body, given.headers["x-viber-content-signature"])
    assert api.parse_request(given.body).event_type == name


@pytest.mark.parametrize(("name", "status"), [("delivered", "delivered"), ("seen", "opened"), ("failed", "failed")])
def test_each_word_becomes_a_receipt_of_the_message(name: str, status: str) -> None:
    (receipt,) = read(fixture(name))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.provider_message_id) == (status, "4912661846655238145")
    assert (receipt.address, receipt.permanent) == (None, False)
    assert receipt.detail == ("failure description" if name == "failed" else "")
    assert receipt.at == datetime(2016, 3, 12, 6, 29, 57, 627000, UTC)


def test_who_unsubscribes_has_left() -> None:
    (receipt,) = read(fixture("unsubscribed"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.address) == ("unsubscribed", "01234567890A=")


def test_what_people_write_is_a_reply_with_the_message_that_was_sent_last() -> None:
    (reply,) = read(fixture("message"))
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.text) == ("viber", "01234567890A=", "a message to the service")
    assert (reply.answers, reply.properties) == (None, {"type": "text", "last_message_id": "msg_1"})


def test_the_trial_of_an_address_tells_nothing() -> None:
    assert read(fixture("webhook")) == []


def test_the_same_news_has_the_same_id() -> None:
    assert read(fixture("seen"))[0].id == read(fixture("seen"))[0].id != read(fixture("delivered"))[0].id


def test_what_is_not_signed_is_refused_before_it_is_read() -> None:
    given = callback(fixture("seen"))
    changed = Callback("POST", URL, given.headers, given.body.replace(b"seen", b"failed"))
    for forged in (callback(fixture("seen"), "another"), changed, Callback("POST", URL, {}, b"{")):
        with pytest.raises(ForgedError):
            READER.read(forged, NOW)


@pytest.mark.parametrize("document", [[], {}, {"event": "seen"}, {"event": "message", "message_token": 1}])
def test_what_is_no_callback_is_unreadable(document: Any) -> None:
    with pytest.raises(UnreadableError):
        read(document)
