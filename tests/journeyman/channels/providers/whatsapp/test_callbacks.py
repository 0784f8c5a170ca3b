"""WhatsApp's webhooks, as its documentation prints them."""

import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.whatsapp.callbacks import WhatsAppCallbacks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET, VERIFY, URL = "app secret", "a word of ours", "https://journeyman.example/v1/callbacks/wa"
READER = WhatsAppCallbacks(SECRET, VERIFY)
META = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
WAMID = "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA"


def change(**value: Any) -> dict[str, Any]:
    told = {"messaging_product": "whatsapp", "metadata": META, **value}
    entry = {"id": "102290129340398", "changes": [{"value": told, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def status(word: str, **more: Any) -> dict[str, Any]:
    told = {"id": WAMID, "status": word, "timestamp": "1709985599", "recipient_id": "16505551234", **more}
    return change(statuses=[told])


def message(**said: Any) -> dict[str, Any]:
    return change(messages=[{"from": "16505551234", "id": WAMID, "timestamp": "1709985599", **said}])


def callback(document: Any, secret: str = SECRET) -> Callback:
    body = json.dumps(document).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
    return Callback("POST", URL, {"x-hub-signature-256": signature}, body)


def read(document: Any) -> list[Receipt | Reply]:
    return list(READER.read(callback(document), NOW))


@pytest.mark.parametrize(
    ("word", "expected"), [("sent", "sent"), ("delivered", "delivered"), ("read", "opened"), ("failed", "failed")]
)
def test_each_status_becomes_a_receipt_of_our_message(word: str, expected: str) -> None:
    (receipt,) = read(status(word, biz_opaque_callback_data="msg_1"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.message_id, receipt.provider_message_id) == (expected, "msg_1", WAMID)
    assert receipt.at == datetime(2024, 3, 9, 11, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("code", "dead"), [(131026, True), (131049, False)])
def test_only_a_number_that_nobody_has_is_dead(code: int, dead: bool) -> None:
    (receipt,) = read(status("failed", errors=[{"code": code, "title": "Message undeliverable"}]))
    assert isinstance(receipt, Receipt)
    assert (receipt.permanent, receipt.address) == (dead, "+16505551234" if dead else None)
    assert receipt.detail == f"{code} Message undeliverable"


def test_what_people_write_and_press_are_replies() -> None:
    (text,) = read(message(type="text", text={"body": "Does it come in another color?"}))
    (pressed,) = read(
        message(
            type="interactive",
            interactive={"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}},
            context={"from": "15550783881", "id": "wamid.ours"},
        )
    )
    (quick,) = read(message(type="button", button={"payload": "no", "text": "No thanks"}))
    assert isinstance(text, Reply)
    assert isinstance(pressed, Reply)
    assert isinstance(quick, Reply)
    assert (text.sender, text.text, text.button) == ("+16505551234", "Does it come in another color?", None)
    assert (pressed.text, pressed.button, pressed.answers) == ("Yes", "yes", "wamid.ours")
    assert (quick.text, quick.button) == ("No thanks", "no")


def test_a_word_beside_messages_is_left_out() -> None:
    assert read(change(contacts=[{"wa_id": "16505551234"}])) == []
    assert read(status("deleted")) == []


def test_the_same_news_has_the_same_id() -> None:
    assert read(status("read"))[0].id == read(status("read"))[0].id != read(status("delivered"))[0].id


def test_who_asks_with_our_word_gets_the_challenge_back() -> None:
    asked = f"{URL}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a+word+of+ours"
    answer = READER.hello(Callback("GET", asked, {}, b""))
    assert answer is not None
    assert answer.body == b"1158201444"
    with pytest.raises(ForgedError):
        READER.hello(Callback("GET", asked.replace("ours", "theirs"), {}, b""))
    assert READER.hello(callback(status("read"))) is None


def test_what_is_not_signed_is_refused_before_it_is_read() -> None:
    for forged in (callback(status("read"), "another"), Callback("POST", URL, {}, b"{")):
        with pytest.raises(ForgedError):
            READER.read(forged, NOW)


@pytest.mark.parametrize(
    "document", [[], {}, {"entry": [{}]}, {"entry": [{"changes": [{"value": {"statuses": [{}]}}]}]}]
)
def test_what_is_no_webhook_is_unreadable(document: Any) -> None:
    with pytest.raises(UnreadableError):
        read(document)
