"""Telegram's updates: those of its guide to webhooks, and those that its reference describes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.telegram.callbacks import TelegramCallbacks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET, URL = "a-word-of-ours", "https://journeyman.example/v1/callbacks/bot"
FIXTURES = Path(__file__).parent / "fixtures"
READER = TelegramCallbacks(SECRET)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def callback(document: Any, secret: str = SECRET) -> Callback:
    return Callback("POST", URL, {"x-telegram-bot-api-secret-token": secret}, json.dumps(document).encode())


def read(document: Any) -> list[Receipt | Reply]:
    return list(READER.read(callback(document), NOW))


@pytest.mark.parametrize("name", ["message", "reply", "pressed", "blocked"])
def test_another_library_reads_the_fixtures_as_updates(name: str) -> None:
    update = Update.de_json(fixture(name), None)
    assert update.effective_chat is not None
    assert update.effective_chat.id == 1111111


def test_what_people_write_is_a_reply() -> None:
    (reply,) = read(fixture("message"))
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.text) == ("telegram", "1111111", "Does it come in blue?")
    assert (reply.answers, reply.button, reply.properties) == (None, None, {})
    assert reply.at == datetime(2015, 9, 7, 17, 5, 32, tzinfo=UTC)


def test_stop_as_a_command_is_understood_and_the_answered_message_named_as_it_was_when_sent() -> None:
    (reply,) = read(fixture("reply"))
    assert isinstance(reply, Reply)
    assert (reply.answers, reply.properties) == ("1111111:1334", {"opt_out": "STOP"})


def test_a_press_names_the_button_its_words_and_its_message() -> None:
    (reply,) = read(fixture("pressed"))
    assert isinstance(reply, Reply)
    assert (reply.sender, reply.button, reply.text, reply.answers) == ("1111111", "yes", "Yes", "1111111:1334")


def test_a_press_under_a_message_that_is_too_old_to_be_told_still_counts() -> None:
    update = fixture("pressed")
    del update["callback_query"]["message"]
    (reply,) = read(update)
    assert isinstance(reply, Reply)
    assert (reply.sender, reply.button, reply.answers) == ("1111111", "yes", None)


def test_who_blocks_the_bot_has_left_and_who_takes_it_up_again_is_no_news() -> None:
    (receipt,) = read(fixture("blocked"))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.address, receipt.permanent) == ("unsubscribed", "1111111", False)
    back = fixture("blocked")
    back["my_chat_member"]["new_chat_member"]["status"] = "member"
    assert read(back) == []


def test_groups_and_other_updates_are_left_out() -> None:
    said = fixture("message")
    said["message"]["chat"]["type"] = "supergroup"
    pressed = fixture("pressed")
    pressed["callback_query"]["message"]["chat"]["type"] = "group"
    assert [read(said), read(pressed), read({"update_id": 1, "edited_message": {}})] == [[], [], []]


@pytest.mark.parametrize("name", ["message", "pressed", "blocked"])
def test_the_same_update_has_the_same_id(name: str) -> None:
    assert read(fixture(name))[0].id == read(fixture(name))[0].id != read(fixture("reply"))[0].id


def test_without_the_secret_nothing_is_believed() -> None:
    for forged in (callback(fixture("message"), "another"), Callback("POST", URL, {}, b"{")):
        with pytest.raises(ForgedError):
            READER.read(forged, NOW)


@pytest.mark.parametrize(
    "document", [[], {}, {"update_id": "x"}, {"update_id": 1, "message": {}}, {"update_id": 1, "callback_query": {}}]
)
def test_what_is_no_update_is_unreadable(document: Any) -> None:
    with pytest.raises(UnreadableError):
        read(document)


def test_a_press_is_answered_so_that_the_button_stops_turning() -> None:
    answer = READER.answer(callback(fixture("pressed")))
    assert answer is not None
    said = json.loads(answer.body)
    pressed = fixture("pressed")["callback_query"]["id"]
    assert (answer.content_type, said) == (
        "application/json",
        {"method": "answerCallbackQuery", "callback_query_id": pressed},
    )
    assert READER.answer(callback(fixture("message"))) is None
