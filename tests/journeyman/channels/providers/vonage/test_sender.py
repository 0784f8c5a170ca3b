"""What Vonage is told of a text message."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from journeyman.channels.errors import AddressRejectedError, TemporaryError
from journeyman.channels.ports import OutgoingText
from journeyman.channels.providers.vonage.sender import VonageSender
from journeyman.channels.providers.vonage.settings import VonageSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.vonage.harness import CALLBACK, KEY, SECRET, VonageFake, problem

NUMBER = "+4915112345678"


@pytest.fixture
async def fake() -> AsyncIterator[VonageFake]:
    async with VonageFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: VonageFake) -> AsyncIterator[VonageSender]:
    sender = VonageSender(KEY, SECRET, "Shop", SystemClock(), callback_url=CALLBACK, base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_message_goes_as_the_documentation_has_it(fake: VonageFake, sender: VonageSender) -> None:
    accepted = await sender.send(OutgoingText("msg_1", NUMBER, "ł" * 71, "+447700900001", timedelta(hours=1)))
    assert accepted.parts == 2
    assert fake.messages == [
        {
            "channel": "sms",
            "message_type": "text",
            "to": "4915112345678",
            "from": "447700900001",
            "text": "ł" * 71,
            "client_ref": "msg_1",
            "sms": {"encoding_type": "auto"},
            "webhook_url": CALLBACK,
            "webhook_version": "v1",
            "ttl": 3600,
        }
    ]


@pytest.mark.parametrize(("lasts", "ttl"), [(timedelta(seconds=1), 20), (timedelta(days=30), 604_800)])
async def test_how_long_it_lasts_is_bounded(fake: VonageFake, sender: VonageSender, lasts: timedelta, ttl: int) -> None:
    await sender.send(OutgoingText("msg_1", NUMBER, "Hello", lasts=lasts))
    assert fake.messages[0]["ttl"] == ttl


@pytest.mark.parametrize(("code", "error"), [("1070", TemporaryError), ("1050", AddressRejectedError)])
async def test_the_code_decides_where_the_status_says_little(
    fake: VonageFake, sender: VonageSender, code: str, error: type[Exception]
) -> None:
    fake.script.append(problem(422, code, "Refused", "It is refused."))
    with pytest.raises(error):
        await sender.send(OutgoingText("msg_1", NUMBER, "Hello"))


async def test_callbacks_are_asked_for_only_where_they_can_be_believed(fake: VonageFake) -> None:
    settings = VonageSettings(
        provider="vonage", key=KEY, secret=SecretStr(SECRET), sender="Shop", base_url=fake.url, account_url=fake.url
    )
    assert settings.callbacks() is None
    sender = settings.sender_of(SystemClock(), CALLBACK)
    await sender.send(OutgoingText("msg_1", NUMBER, "Hello"))
    await sender.close()
    assert "webhook_url" not in fake.messages[0]
    assert settings.model_copy(update={"signature_secret": SecretStr("s")}).callbacks() is not None
