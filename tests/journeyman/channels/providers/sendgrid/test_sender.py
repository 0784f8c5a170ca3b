"""What SendGrid is told of a mail, and that its own client is told the same by the fake."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Mail

from journeyman.channels.addresses import From
from journeyman.channels.errors import TemporaryError
from journeyman.channels.providers.sendgrid.sender import SendGridSender
from journeyman.channels.providers.sendgrid.settings import SendGridSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.mails import UNSUBSCRIBE, mail
from tests.journeyman.channels.providers.sendgrid.harness import KEY, SendGridFake, fault


@pytest.fixture
async def fake() -> AsyncIterator[SendGridFake]:
    async with SendGridFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: SendGridFake) -> AsyncIterator[SendGridSender]:
    sender = SendGridSender(KEY, From.parse("Shop <shop@example.com>"), SystemClock(), base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_mail_goes_as_the_documentation_has_it(fake: SendGridFake, sender: SendGridSender) -> None:
    await sender.send(mail(headers={**UNSUBSCRIBE, "Reply-To": "help@example.com"}))
    assert fake.messages == [
        {
            "personalizations": [{"to": [{"email": "ann@customers.example"}]}],
            "from": {"email": "shop@example.com", "name": "Shop"},
            "reply_to": {"email": "help@example.com"},
            "subject": "Grüße",
            "content": [
                {"type": "text/plain", "value": "Hello Ann"},
                {"type": "text/html", "value": "<p>Hello Ann</p>"},
            ],
            "headers": UNSUBSCRIBE,
            "custom_args": {"journeyman_message": "msg_1"},
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
            },
        }
    ]


async def test_empty_parts_are_left_out_for_sendgrid_refuses_them(fake: SendGridFake, sender: SendGridSender) -> None:
    await sender.send(mail(text="", headers={}))
    (given,) = fake.messages
    assert [one["type"] for one in given["content"]] == ["text/html"]
    assert "headers" not in given


async def test_a_sender_that_is_not_verified_has_the_message_wait(fake: SendGridFake, sender: SendGridSender) -> None:
    fake.script.append(fault(403, "The from address does not match a verified Sender Identity.", "from"))
    with pytest.raises(TemporaryError):
        await sender.send(mail())


async def test_the_providers_own_client_gets_on_with_the_fake(fake: SendGridFake) -> None:
    def send() -> int:
        given = Mail("shop@example.com", "ann@customers.example", "Hello", "Hello Ann")
        given.custom_arg = CustomArg("journeyman_message", "msg_9")
        status: int = SendGridAPIClient(KEY, host=fake.url).send(given).status_code
        return status

    assert await asyncio.to_thread(send) == 202
    assert fake.taken() == ["msg_9"]


async def test_settings_make_a_sender_and_refuse_a_key_that_is_none() -> None:
    plain = {"provider": "sendgrid", "key": "k", "mail_from": "shop@example.com"}
    settings = SendGridSettings.model_validate(plain)
    assert settings.callbacks() is None
    await settings.sender_of(SystemClock(), None).close()
    for wrong in ("not base64!", "aGVsbG8="):
        with pytest.raises(ValidationError, match="no public key"):
            SendGridSettings.model_validate({**plain, "callback_key": wrong})
