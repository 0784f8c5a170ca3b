"""What WhatsApp is sent, by kind of message."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.channels.errors import RejectedError, TemporaryError, ThrottledError
from journeyman.channels.ports import Button, ChatTemplate, OutgoingChat
from journeyman.channels.providers.whatsapp.sender import WhatsAppSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.whatsapp.harness import NUMBER, TOKEN, WhatsAppFake, error


@pytest.fixture
async def fake() -> AsyncIterator[WhatsAppFake]:
    async with WhatsAppFake() as opened:
        yield opened


@pytest.fixture
async def sender(fake: WhatsAppFake) -> AsyncIterator[WhatsAppSender]:
    made = WhatsAppSender(NUMBER, TOKEN, SystemClock(), base_url=fake.url, timeout=5)
    yield made
    await made.close()


def chat(**parts: Any) -> OutgoingChat:
    return OutgoingChat(**{"id": "msg_1", "to": "+4915112345678", **parts})


async def test_an_approved_template_with_what_stands_in_its_places(fake: WhatsAppFake, sender: WhatsAppSender) -> None:
    template = ChatTemplate("order_sent", "de", ["Sale"], ["Ann", "42"], {0: "orders/42"})
    await sender.send(chat(template=template))
    (message,) = fake.messages
    assert (message["to"], message["type"]) == ("4915112345678", "template")
    assert message["template"] == {
        "name": "order_sent",
        "language": {"code": "de", "policy": "deterministic"},
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "Sale"}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "42"}]},
            {
                "type": "button",
                "sub_type": "url",
                "index": "0",
                "parameters": [{"type": "text", "text": "orders/42"}],
            },
        ],
    }


async def test_text_pictures_and_buttons(fake: WhatsAppFake, sender: WhatsAppSender) -> None:
    await sender.send(chat(text="Look: https://shop.example"))
    await sender.send(chat(text="Look", image="https://shop.example/a.png"))
    await sender.send(chat(text="Still want it?", buttons=[Button("Yes", id="yes"), Button("No", id="no")]))
    await sender.send(chat(text="Your cart", buttons=[Button("Open the cart now please", url="https://shop.example")]))
    text, image, asked, link = fake.messages
    assert text["text"] == {"body": "Look: https://shop.example", "preview_url": True}
    assert image["image"] == {"link": "https://shop.example/a.png", "caption": "Look"}
    replies = [button["reply"] for button in asked["interactive"]["action"]["buttons"]]
    assert replies == [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]
    assert link["interactive"]["action"]["parameters"] == {
        "display_text": "Open the cart now pl",
        "url": "https://shop.example",
    }


async def test_outside_of_the_window_the_mend_is_told(fake: WhatsAppFake, sender: WhatsAppSender) -> None:
    fake.script.append(error(400, 131047, "Re-engagement message"))
    with pytest.raises(RejectedError, match="approved template"):
        await sender.send(chat(text="Hello"))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (131048, 400, ThrottledError),
        (131056, 400, ThrottledError),
        (131042, 400, TemporaryError),
        (200, 403, TemporaryError),
        (131016, 503, TemporaryError),
        (132000, 400, RejectedError),
        (131051, 400, RejectedError),
    ],
)
async def test_the_code_decides_and_not_the_status(
    fake: WhatsAppFake, sender: WhatsAppSender, code: int, status: int, kind: type[Exception]
) -> None:
    fake.script.append(error(status, code, "as documented"))
    with pytest.raises(kind) as caught:
        await sender.send(chat(text="Hello"))
    assert type(caught.value) is kind
