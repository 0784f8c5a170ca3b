"""What Telegram is sent, and what its words mean."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot
from telegram.error import Forbidden, RetryAfter

from journeyman.channels.errors import AddressRejectedError, RejectedError, TemporaryError
from journeyman.channels.ports import Button, OutgoingChat
from journeyman.channels.providers.telegram.sender import TelegramSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.telegram.harness import CHAT, FAULTS, TOKEN, TelegramFake, error


@pytest.fixture
async def fake() -> AsyncIterator[TelegramFake]:
    async with TelegramFake() as opened:
        yield opened


@pytest.fixture
async def sender(fake: TelegramFake) -> AsyncIterator[TelegramSender]:
    made = TelegramSender(TOKEN, SystemClock(), base_url=fake.url, timeout=5)
    yield made
    await made.close()


def chat(**parts: Any) -> OutgoingChat:
    return OutgoingChat(**{"id": "msg_1", "to": str(CHAT), **parts})


async def test_another_client_of_telegrams_takes_the_fake_for_it(
    fake: TelegramFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # its next form, without which it warns
    async with Bot(TOKEN, base_url=f"{fake.url}/bot") as bot:
        assert bot.username == "shop_bot"
        assert (await bot.send_message(CHAT, "Hello")).message_id == 1
        fake.script += [FAULTS.throttled, error(403, "Forbidden: bot was blocked by the user")]
        with pytest.raises(RetryAfter):
            await bot.send_message(CHAT, "Hello")
        with pytest.raises(Forbidden):
            await bot.send_message(CHAT, "Hello")


async def test_text_is_never_markup_and_buttons_stand_below_each_other(
    fake: TelegramFake, sender: TelegramSender
) -> None:
    buttons = [Button("Open", url="https://shop.example"), Button("No", id="no")]
    accepted = await sender.send(chat(text="<b>5 * 3 = 15_000</b>", buttons=buttons))
    assert accepted.provider_message_id == f"{CHAT}:1"
    (sent,) = fake.messages
    assert sent == (
        "sendMessage",
        {
            "chat_id": str(CHAT),
            "text": "<b>5 * 3 = 15_000</b>",
            "reply_markup": {
                "inline_keyboard": [
                    [{"text": "Open", "url": "https://shop.example"}],
                    [{"text": "No", "callback_data": "no"}],
                ]
            },
        },
    )


async def test_a_picture_has_its_text_below_it_however_long_that_is(fake: TelegramFake, sender: TelegramSender) -> None:
    await sender.send(chat(text="Look", image="https://shop.example/a.png"))
    await sender.send(chat(text="a" * 1_025, image="https://shop.example/a.png"))
    (method, short), (other, long) = fake.messages
    assert (method, short["photo"], short["caption"]) == ("sendPhoto", "https://shop.example/a.png", "Look")
    assert (other, long["link_preview_options"]["url"]) == ("sendMessage", "https://shop.example/a.png")


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "Bad Request: chat not found", AddressRejectedError),
        (403, "Forbidden: user is deactivated", AddressRejectedError),
        (403, "Forbidden: bot can't initiate conversation with a user", AddressRejectedError),
        (403, "Forbidden: bot can't send messages to the user", TemporaryError),
        (400, "Bad Request: BUTTON_URL_INVALID", RejectedError),
        (404, "Not Found", TemporaryError),
    ],
)
async def test_the_words_decide(
    fake: TelegramFake, sender: TelegramSender, status: int, words: str, kind: type[Exception]
) -> None:
    fake.script.append(error(status, words))
    with pytest.raises(kind) as caught:
        await sender.send(chat(text="Hello"))
    assert type(caught.value) is kind


async def test_the_token_stands_in_no_log(
    fake: TelegramFake, sender: TelegramSender, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await sender.send(chat(text="Hello"))
    assert len(fake.messages) == 1
    assert "/bot…/sendMessage" in caplog.text
    assert TOKEN not in caplog.text
