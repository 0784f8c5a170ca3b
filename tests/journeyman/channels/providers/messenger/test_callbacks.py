"""Messenger's webhooks, as its documentation prints them."""

import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.messenger.callbacks import MessengerCallbacks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET, VERIFY, URL = "app secret", "a word of ours", "https://journeyman.example/v1/callbacks/page"
MID = "mid.1458668856218:ed81099e15d3f4f233"
FIXTURES = Path(__file__).parent / "fixtures"
READER = MessengerCallbacks(SECRET, VERIFY)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def callback(document: Any, secret: str = SECRET) -> Callback:
    body = json.dumps(document).encode()
    signature = "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
    return Callback("POST", URL, {"x-hub-signature-256": signature}, body)


def read(document: Any) -> list[Receipt | Reply]:
    return list(READER.read(callback(document), NOW))


def test_a_delivery_names_each_message() -> None:
    (receipt,) = read(fixture("delivered"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.provider_message_id) == ("delivered", MID)
    assert receipt.at == datetime(2016, 3, 22, 17, 47, 36, 253000, UTC)


def test_what_names_no_message_is_left_out() -> None:
    old = fixture("delivered")
    del old["entry"][0]["messaging"][0]["delivery"]["mids"]
    assert [read(old), read(fixture("read")), read(fixture("echo")), read({"entry": [{"changes": []}]})] == [[]] * 4


def test_what_people_write_is_a_reply_to_what_they_quote() -> None:
    (reply,) = read(fixture("message"))
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.text) == ("messenger", "1254459154682919", "Does it come in blue?")
    assert (reply.button, reply.answers) == (None, MID)
    assert reply.at == datetime(2018, 2, 12, 23, 46, 35, 308000, UTC)


def test_a_press_names_the_button_and_its_words() -> None:
    (pressed,) = read(fixture("postback"))
    assert isinstance(pressed, Reply)
    assert (pressed.sender, pressed.text, pressed.button) == ("1254459154682919", "Yes", "yes")


def test_a_quick_reply_is_a_press() -> None:
    said = fixture("message")
    said["entry"][0]["messaging"][0]["message"] |= {"text": "No", "quick_reply": {"payload": "no"}}
    (pressed,) = read(said)
    assert isinstance(pressed, Reply)
    assert (pressed.text, pressed.button) == ("No", "no")


@pytest.mark.parametrize("name", ["delivered", "message", "postback"])
def test_the_same_news_has_the_same_id_and_other_news_another(name: str) -> None:
    again = fixture(name)
    again["entry"][0]["time"] += 60_000
    assert read(again)[0].id == read(fixture(name))[0].id
    others = {read(fixture(other))[0].id for other in ("delivered", "message", "postback")}
    assert len(others) == 3


def test_a_second_press_of_the_same_button_is_other_news() -> None:
    second = fixture("postback")
    second["entry"][0]["messaging"][0]["timestamp"] += 1_000
    assert read(second)[0].id != read(fixture("postback"))[0].id


def test_who_asks_with_our_word_gets_the_challenge_back() -> None:
    asked = f"{URL}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a+word+of+ours"
    answer = READER.hello(Callback("GET", asked, {}, b""))
    assert answer is not None
    assert answer.body == b"1158201444"
    with pytest.raises(ForgedError):
        READER.hello(Callback("GET", asked.replace("ours", "theirs"), {}, b""))
    assert READER.hello(callback(fixture("read"))) is None


def test_what_is_not_signed_is_refused_before_it_is_read() -> None:
    given = callback(fixture("message"))
    changed = Callback("POST", URL, given.headers, given.body.replace(b"blue", b"grey"))
    for forged in (callback(fixture("message"), "another"), changed, Callback("POST", URL, {}, b"{")):
        with pytest.raises(ForgedError):
            READER.read(forged, NOW)


@pytest.mark.parametrize(
    "document", [[], {}, {"entry": [1]}, {"entry": [{"messaging": [{"message": {"text": "Hello"}}]}]}]
)
def test_what_is_no_webhook_is_unreadable(document: Any) -> None:
    with pytest.raises(UnreadableError):
        read(document)
