"""What Mailgun is told of a mail, and that its own client is told the same by the fake."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default

import pytest
from mailgun.client import Client

from journeyman.channels.addresses import From
from journeyman.channels.errors import AddressRejectedError, RejectedError, TemporaryError
from journeyman.channels.providers.mailgun.sender import MailgunSender
from journeyman.channels.providers.mailgun.settings import MailgunSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.mailgun.harness import DOMAIN, KEY, MailgunFake
from tests.journeyman.channels.providers.mails import UNSUBSCRIBE, mail
from tests.parts.other_system import says


@pytest.fixture
async def fake() -> AsyncIterator[MailgunFake]:
    async with MailgunFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: MailgunFake) -> AsyncIterator[MailgunSender]:
    sender = MailgunSender(KEY, DOMAIN, From.parse("Shop <shop@mg.example.com>"), SystemClock(), base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_mail_goes_written_out_with_our_message_id(fake: MailgunFake, sender: MailgunSender) -> None:
    accepted = await sender.send(mail(headers={**UNSUBSCRIBE, "Reply-To": "Help <help@example.com>"}))
    assert accepted.provider_message_id == "msg_1@mg.example.com"
    (form,) = fake.forms
    assert (form["to"], form["o:tracking"]) == (b"ann@customers.example", b"no")
    written = message_from_bytes(form["message"], policy=default)
    assert {name: written[name] for name in UNSUBSCRIBE} == UNSUBSCRIBE
    assert [written[name] for name in ("From", "To", "Reply-To", "Subject")] == [
        "Shop <shop@mg.example.com>",
        "ann@customers.example",
        "Help <help@example.com>",
        "Grüße",
    ]
    html = written.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>Hello Ann</p>"


async def test_what_cannot_be_written_is_not_sent(fake: MailgunFake, sender: MailgunSender) -> None:
    with pytest.raises(AddressRejectedError):
        await sender.send(mail(to="nobody"))
    for wrong in (mail(headers={"Bcc": "all@example.com"}), mail(to="björn@customers.example")):
        with pytest.raises(RejectedError):
            await sender.send(wrong)
    assert fake.calls == []


async def test_a_domain_that_is_none_has_the_message_wait(fake: MailgunFake, sender: MailgunSender) -> None:
    fake.script.extend([says(404, {"message": "Domain not found"})] * 2)
    with pytest.raises(TemporaryError):
        await sender.send(mail())
    with pytest.raises(RejectedError):
        await sender.check()


async def test_the_providers_own_client_gets_on_with_the_fake(fake: MailgunFake) -> None:
    def send() -> tuple[int, str]:
        data = {
            "from": "shop@mg.example.com",
            "to": "ann@customers.example",
            "subject": "Hello",
            "text": "Hello Ann",
            "v:journeyman_message": "msg_9",
        }
        with Client(auth=("api", KEY), api_url=fake.url) as client:
            answer = client.messages.create(data=data, files=[("inline", ("a.txt", b"a"))], domain=DOMAIN)
            return answer.status_code, answer.json()["message"]

    assert await asyncio.to_thread(send) == (200, "Queued. Thank you.")
    assert fake.taken() == ["msg_9"]


async def test_settings_make_a_sender_and_a_reader_only_with_a_key() -> None:
    plain = {"provider": "mailgun", "key": "k", "domain": DOMAIN, "mail_from": "shop@example.com"}
    settings = MailgunSettings.model_validate(plain)
    assert settings.callbacks() is None
    await settings.sender_of(SystemClock(), None).close()
    assert MailgunSettings.model_validate({**plain, "callback_key": "k"}).callbacks() is not None
