"""What MessageBird is told of a text message, and that its own client is told the same by the fake."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import messagebird
import pytest
from messagebird.http_client import HttpClient
from pydantic import SecretStr

from journeyman.channels.errors import TemporaryError
from journeyman.channels.ports import OutgoingText
from journeyman.channels.providers.messagebird.sender import MessageBirdSender
from journeyman.channels.providers.messagebird.settings import MessageBirdSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.messagebird.harness import CALLBACK, KEY, MessageBirdFake, error

NUMBER = "+4915112345678"


@pytest.fixture
async def fake() -> AsyncIterator[MessageBirdFake]:
    async with MessageBirdFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: MessageBirdFake) -> AsyncIterator[MessageBirdSender]:
    sender = MessageBirdSender(KEY, "Shop", SystemClock(), callback_url=CALLBACK, base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_message_goes_as_the_documentation_has_it(fake: MessageBirdFake, sender: MessageBirdSender) -> None:
    accepted = await sender.send(OutgoingText("msg_1", NUMBER, "a" * 161, "+31600000000", timedelta(hours=1)))
    assert accepted.parts == 2
    assert fake.messages == [
        {
            "originator": "31600000000",
            "recipients": ["4915112345678"],
            "body": "a" * 161,
            "datacoding": "auto",
            "reference": "msg_1",
            "reportUrl": CALLBACK,
            "validity": 3600,
        }
    ]


async def test_an_empty_purse_has_the_message_wait(fake: MessageBirdFake, sender: MessageBirdSender) -> None:
    fake.script.append(error(422, 25, "not enough balance", None))
    with pytest.raises(TemporaryError, match="not enough balance"):
        await sender.send(OutgoingText("msg_1", NUMBER, "Hello"))


async def test_callbacks_are_asked_for_only_where_they_can_be_believed(fake: MessageBirdFake) -> None:
    settings = MessageBirdSettings(provider="messagebird", key=SecretStr(KEY), sender="Shop", base_url=fake.url)
    assert settings.callbacks() is None
    sender = settings.sender_of(SystemClock(), CALLBACK)
    await sender.send(OutgoingText("msg_1", NUMBER, "Hello"))
    await sender.close()
    assert "reportUrl" not in fake.messages[0]
    assert settings.model_copy(update={"signing_key": SecretStr("s")}).callbacks() is not None


async def test_its_own_client_takes_our_fake_for_messagebird(fake: MessageBirdFake) -> None:
    client = messagebird.Client(KEY, HttpClient(fake.url, KEY, "test"))
    more = {"reference": "msg_1"}
    made = await asyncio.to_thread(client.message_create, "Shop", "4915112345678", "Hello Ann", more)
    assert (made.id, made.reference, made.recipients["totalSentCount"]) == (fake_id(1), "msg_1", 1)
    assert fake.taken() == ["msg_1"]
    balance = await asyncio.to_thread(client.balance)
    assert balance.amount == 9.2
    wrong = messagebird.Client("another", HttpClient(fake.url, "another", "test"))
    with pytest.raises(messagebird.client.ErrorException) as caught:
        await asyncio.to_thread(wrong.balance)
    assert caught.value.errors[0].code == 2


def fake_id(number: int) -> str:
    return f"e8077d803532c0b5937c{number:012}"
