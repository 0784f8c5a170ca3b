"""What Viber is sent, and what its codes mean."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from viberbot import Api, BotConfiguration
from viberbot.api import api as viber_api
from viberbot.api.messages import TextMessage

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import Button, OutgoingChat
from journeyman.channels.providers.viber.sender import ViberSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.viber.harness import FIRST, TOKEN, USER, ViberFake, code


@pytest.fixture
async def fake() -> AsyncIterator[ViberFake]:
    async with ViberFake() as opened:
        yield opened


@pytest.fixture
async def sender(fake: ViberFake) -> AsyncIterator[ViberSender]:
    made = ViberSender(TOKEN, "Shop", SystemClock(), base_url=fake.url, timeout=5)
    yield made
    await made.close()


def chat(**parts: Any) -> OutgoingChat:
    return OutgoingChat(**{"id": "msg_1", "to": USER, "text": "Look", **parts})


async def test_vibers_own_client_takes_the_fake_for_it(fake: ViberFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viber_api, "VIBER_BOT_API_URL", f"{fake.url}/pa")
    api = Api(BotConfiguration(auth_token=TOKEN, name="Shop", avatar=""))
    sent = await asyncio.to_thread(api.send_messages, USER, [TextMessage(text="Hello")])
    assert sent == [FIRST]
    assert (await asyncio.to_thread(api.get_account_info))["name"] == "Shop"


async def test_text_goes_with_who_writes_and_our_id(fake: ViberFake, sender: ViberSender) -> None:
    accepted = await sender.send(chat())
    assert accepted.provider_message_id == str(FIRST)
    assert fake.messages == [
        {
            "receiver": USER,
            "tracking_data": "msg_1",
            "min_api_version": 1,
            "type": "text",
            "text": "Look",
            "sender": {"name": "Shop"},
        }
    ]


async def test_a_picture_with_buttons(fake: ViberFake, sender: ViberSender) -> None:
    buttons = [Button("Open", url="https://shop.example"), Button("No", id="no")]
    await sender.send(chat(image="https://shop.example/a.jpg", buttons=buttons))
    (sent,) = fake.messages
    assert (sent["type"], sent["media"], sent["text"]) == ("picture", "https://shop.example/a.jpg", "Look")
    pressed = [(button["ActionType"], button["ActionBody"]) for button in sent["keyboard"]["Buttons"]]
    assert pressed == [("open-url", "https://shop.example"), ("reply", "no")]


async def test_too_much_beside_a_picture_is_told_before_viber_is_asked(fake: ViberFake, sender: ViberSender) -> None:
    with pytest.raises(RejectedError, match="768 characters"):
        await sender.send(chat(text="a" * 769, image="https://shop.example/a.jpg"))
    assert fake.calls == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (5, AddressRejectedError),
        (6, AddressRejectedError),
        (7, TemporaryError),
        (10, TemporaryError),
        (24, TemporaryError),
        (12, ThrottledError),
        (3, RejectedError),
        (11, RejectedError),
        (99, UnknownOutcomeError),
    ],
)
async def test_the_code_decides(fake: ViberFake, sender: ViberSender, status: int, kind: type[Exception]) -> None:
    fake.script.append(code(status, "as documented"))
    with pytest.raises(kind) as caught:
        await sender.send(chat())
    assert type(caught.value) is kind
