"""What Messenger is sent, and what its codes mean."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import Button, OutgoingChat
from journeyman.channels.providers.messenger.sender import MessengerSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.messenger.harness import TOKEN, USER, MessengerFake, error

IMAGE = "https://shop.example/a.png"


@pytest.fixture
async def fake() -> AsyncIterator[MessengerFake]:
    async with MessengerFake() as opened:
        yield opened


@pytest.fixture
async def sender(fake: MessengerFake) -> AsyncIterator[MessengerSender]:
    made = MessengerSender(TOKEN, SystemClock(), base_url=fake.url, timeout=5)
    yield made
    await made.close()


def chat(**parts: Any) -> OutgoingChat:
    return OutgoingChat(**{"id": "msg_1", "to": USER, "text": "Look", **parts})


async def test_text_and_text_above_buttons(fake: MessengerFake, sender: MessengerSender) -> None:
    buttons = [Button("Open the cart now please", url="https://shop.example"), Button("No", id="no")]
    await sender.send(chat())
    await sender.send(chat(buttons=buttons))
    text, asked = fake.messages
    assert text == {"text": "Look", "metadata": "msg_1"}
    assert asked["attachment"]["payload"] == {
        "template_type": "button",
        "text": "Look",
        "buttons": [
            {"type": "web_url", "url": "https://shop.example", "title": "Open the cart now pl"},
            {"type": "postback", "title": "No", "payload": "no"},
        ],
    }


async def test_beside_a_picture_the_text_is_shared_out_between_words(
    fake: MessengerFake, sender: MessengerSender
) -> None:
    text = "Your cart is waiting for you with all that you have put into it this week, and more: see it today"
    await sender.send(chat(image=IMAGE))
    await sender.send(chat(text=text, image=IMAGE, buttons=[Button("Yes", id="yes")]))
    await sender.send(chat(text="a" * 160, image=IMAGE))
    short, long, solid = [message["attachment"]["payload"]["elements"][0] for message in fake.messages]
    assert short == {"title": "Look", "image_url": IMAGE}
    assert f"{long['title']} {long['subtitle']}" == text
    assert len(long["title"]) <= 80
    assert long["buttons"] == [{"type": "postback", "title": "Yes", "payload": "yes"}]
    assert (len(solid["title"]), len(solid["subtitle"])) == (80, 80)


@pytest.mark.parametrize(
    ("parts", "limit"),
    [
        ({"text": "a" * 2_001}, 2_000),
        ({"text": "a" * 641, "buttons": [Button("Yes", id="yes")]}, 640),
        ({"text": "a" * 161, "image": IMAGE}, 160),
    ],
)
async def test_too_much_text_is_told_before_messenger_is_asked(
    fake: MessengerFake, sender: MessengerSender, parts: dict[str, Any], limit: int
) -> None:
    with pytest.raises(RejectedError, match=f"{limit} characters"):
        await sender.send(chat(**parts))
    assert fake.calls == []


async def test_outside_of_the_window_it_is_told(fake: MessengerFake, sender: MessengerSender) -> None:
    fake.script.append(error(400, 10, "This message is sent outside of allowed window.", 2018278))
    with pytest.raises(RejectedError, match="24 hours"):
        await sender.send(chat())


@pytest.mark.parametrize(
    ("status", "code", "subcode", "kind"),
    [
        (400, 551, 1545041, AddressRejectedError),
        (400, 551, None, AddressRejectedError),
        (400, 200, 2018108, AddressRejectedError),
        (400, 200, 2018028, TemporaryError),
        (400, 10, 2018300, TemporaryError),
        (400, 4, 2018022, ThrottledError),
        (500, 2, None, UnknownOutcomeError),
        (400, 100, 2018109, RejectedError),
    ],
)
async def test_subcode_and_code_decide_and_not_the_status(
    fake: MessengerFake, sender: MessengerSender, status: int, code: int, subcode: int | None, kind: type[Exception]
) -> None:
    fake.script.append(error(status, code, "as documented", subcode))
    with pytest.raises(kind) as caught:
        await sender.send(chat())
    assert type(caught.value) is kind
