"""What Postmark is told of a mail, and that its own client is told the same by the fake."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from postmarker.core import PostmarkClient

from journeyman.channels.addresses import From
from journeyman.channels.errors import AddressRejectedError, RejectedError, TemporaryError
from journeyman.channels.providers.postmark.sender import PostmarkSender
from journeyman.channels.providers.postmark.settings import PostmarkSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.mails import UNSUBSCRIBE, mail
from tests.journeyman.channels.providers.postmark.harness import TOKEN, PostmarkFake
from tests.parts.other_system import says


@pytest.fixture
async def fake() -> AsyncIterator[PostmarkFake]:
    async with PostmarkFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: PostmarkFake) -> AsyncIterator[PostmarkSender]:
    sender = PostmarkSender(TOKEN, From.parse('"Shop, the" <shop@example.com>'), SystemClock(), base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_mail_goes_as_the_documentation_has_it(fake: PostmarkFake, sender: PostmarkSender) -> None:
    await sender.send(mail(headers={**UNSUBSCRIBE, "Reply-To": "Help <help@example.com>"}))
    assert fake.messages == [
        {
            "From": '"Shop, the" <shop@example.com>',
            "To": "ann@customers.example",
            "Subject": "Grüße",
            "TextBody": "Hello Ann",
            "HtmlBody": "<p>Hello Ann</p>",
            "ReplyTo": "Help <help@example.com>",
            "Headers": [{"Name": name, "Value": value} for name, value in UNSUBSCRIBE.items()],
            "Metadata": {"message": "msg_1"},
            "MessageStream": "outbound",
            "TrackOpens": False,
            "TrackLinks": "None",
        }
    ]


async def test_another_author_stands_in_the_mail(fake: PostmarkFake, sender: PostmarkSender) -> None:
    await sender.send(mail(headers={"From": "Ann <ann@bücher.example>"}, html=None))
    (given,) = fake.messages
    assert given["From"] == "Ann <ann@xn--bcher-kva.example>"
    assert "HtmlBody" not in given
    assert given["Headers"] == []


async def test_what_cannot_be_written_is_not_sent(fake: PostmarkFake, sender: PostmarkSender) -> None:
    with pytest.raises(AddressRejectedError):
        await sender.send(mail(to="nobody"))
    for headers in ({"X-Thing": "a\r\nBcc: all@example.com"}, {"Bcc": "all@example.com"}, {"From": "nobody"}):
        with pytest.raises(RejectedError):
            await sender.send(mail(headers=headers))
    assert fake.calls == []


async def test_an_account_that_may_not_send_has_the_message_wait(fake: PostmarkFake, sender: PostmarkSender) -> None:
    for code in (405, 412, 401):
        fake.script.append(says(422, {"ErrorCode": code, "Message": "Not allowed to send"}))
        with pytest.raises(TemporaryError):
            await sender.send(mail())


async def test_the_providers_own_client_gets_on_with_the_fake(fake: PostmarkFake) -> None:
    def send() -> dict[str, Any]:
        client = PostmarkClient(server_token=TOKEN)
        client.root_api_url = fake.url
        email = {"From": "shop@example.com", "To": "ann@customers.example", "Subject": "Hello", "TextBody": "Hello"}
        with client.session:
            sent: dict[str, Any] = client.emails.send(**email, Metadata={"message": "msg_9"})
        return sent

    assert (await asyncio.to_thread(send))["ErrorCode"] == 0
    assert fake.taken() == ["msg_9"]
    assert fake.calls[0].headers["x-postmark-server-token"] == TOKEN


async def test_settings_make_a_sender_and_a_reader_only_with_a_password() -> None:
    plain = {"provider": "postmark", "token": "t", "mail_from": "shop@example.com"}
    assert PostmarkSettings.model_validate(plain).callbacks() is None
    settings = PostmarkSettings.model_validate({**plain, "callback_password": "p"})
    assert settings.callbacks() is not None
    sender = settings.sender_of(SystemClock(), None)
    assert sender.channel == "email"
    await sender.close()
