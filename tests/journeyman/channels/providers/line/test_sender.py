"""What LINE is sent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from linebot.v3.messaging import ApiClient, ApiException, Configuration, MessagingApi, PushMessageRequest, TextMessage

from journeyman.channels.errors import AddressRejectedError, RejectedError, TemporaryError
from journeyman.channels.ports import Button, OutgoingChat
from journeyman.channels.providers.line.sender import LineSender, retry_key
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.line.harness import TOKEN, USER, LineFake, error


@pytest.fixture
async def fake() -> AsyncIterator[LineFake]:
    async with LineFake() as opened:
        yield opened


@pytest.fixture
async def sender(fake: LineFake) -> AsyncIterator[LineSender]:
    made = LineSender(TOKEN, SystemClock(), base_url=fake.url, timeout=5)
    yield made
    await made.close()


def chat(**parts: Any) -> OutgoingChat:
    return OutgoingChat(**{"id": "msg_1", "to": USER, "text": "Look", **parts})


async def test_lines_own_client_takes_the_fake_for_it(fake: LineFake) -> None:
    def call(to: str) -> tuple[str, int]:
        key = retry_key("msg_1")
        with ApiClient(Configuration(host=fake.url, access_token=TOKEN)) as client:
            api = MessagingApi(client)
            request = PushMessageRequest(to=to, messages=[TextMessage(text="Hello")])
            sent = api.push_message(request, x_line_retry_key=key).sent_messages[0].id
            with pytest.raises(ApiException) as caught:
                api.push_message(request, x_line_retry_key=key)
            return str(sent), int(caught.value.status)

    sent, status = await asyncio.to_thread(call, USER)
    assert (sent, status) == ("461230966842064010", 409)


async def test_what_was_taken_before_is_accepted_under_the_same_name(fake: LineFake, sender: LineSender) -> None:
    first, second = await sender.send(chat()), await sender.send(chat())
    assert first == second
    assert len(fake.messages) == 1


async def test_another_conflict_is_no_acceptance(fake: LineFake, sender: LineSender) -> None:
    fake.script.append(error(409, "Conflict"))
    with pytest.raises(TemporaryError):
        await sender.send(chat())


async def test_text_and_picture_are_two_messages_of_one_call(fake: LineFake, sender: LineSender) -> None:
    accepted = await sender.send(chat(image="https://shop.example/a.png"))
    (sent,) = fake.messages.values()
    url = "https://shop.example/a.png"
    assert sent["messages"] == [
        {"type": "image", "originalContentUrl": url, "previewImageUrl": url},
        {"type": "text", "text": "Look"},
    ]
    assert accepted.provider_message_id.endswith("1"), "the text is what people quote"


async def test_buttons_stand_in_one_frame_with_text_and_picture(fake: LineFake, sender: LineSender) -> None:
    buttons = [Button("Open", url="https://shop.example"), Button("No", id="no")]
    await sender.send(chat(image="https://shop.example/a.png", buttons=buttons))
    ((message,),) = [sent["messages"] for sent in fake.messages.values()]
    assert (message["type"], message["altText"]) == ("flex", "Look")
    bubble = message["contents"]
    assert bubble["hero"]["url"] == "https://shop.example/a.png"
    assert bubble["body"]["contents"] == [{"type": "text", "text": "Look", "wrap": True}]
    assert [button["action"] for button in bubble["footer"]["contents"]] == [
        {"type": "uri", "label": "Open", "uri": "https://shop.example"},
        {"type": "postback", "label": "No", "data": "no", "displayText": "No"},
    ]


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "The property, 'to', in the request body is invalid (line: -, column: -)", AddressRejectedError),
        (400, "Failed to send messages", RejectedError),
        (400, "The property, 'messages[0].text', in the request body is invalid", RejectedError),
        (403, "Access to this API is not available for your account", TemporaryError),
    ],
)
async def test_the_words_tell_whose_fault_it_is(
    fake: LineFake, sender: LineSender, status: int, words: str, kind: type[Exception]
) -> None:
    fake.script.append(error(status, words))
    with pytest.raises(kind) as caught:
        await sender.send(chat())
    assert type(caught.value) is kind
