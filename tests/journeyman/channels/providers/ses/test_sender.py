"""What SES is told of a mail, and that its own client is told the same by the fake."""

import asyncio
import base64
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default

import pytest
from botocore.session import get_session

from journeyman.channels.addresses import From
from journeyman.channels.errors import AddressRejectedError, RejectedError, TemporaryError, ThrottledError
from journeyman.channels.providers.ses.sender import SesSender, base_url_of
from journeyman.channels.providers.ses.settings import SesSettings
from journeyman.channels.sigv4 import AwsKey
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.mails import UNSUBSCRIBE, mail
from tests.journeyman.channels.providers.ses.harness import KEY, REGION, SECRET, SesFake, fault


@pytest.fixture
async def fake() -> AsyncIterator[SesFake]:
    async with SesFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: SesFake) -> AsyncIterator[SesSender]:
    key, author = AwsKey(KEY, SECRET), From.parse("Shop <shop@example.com>")
    sender = SesSender(key, REGION, author, SystemClock(), configuration_set="mails", base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_mail_goes_written_out(fake: SesFake, sender: SesSender) -> None:
    await sender.send(mail(headers={**UNSUBSCRIBE, "From": "Ann <ann@example.com>"}))
    (given,) = fake.messages
    written = message_from_bytes(base64.b64decode(given.pop("Content")["Raw"]["Data"]), policy=default)
    assert given == {
        "Destination": {"ToAddresses": ["ann@customers.example"]},
        "EmailTags": [{"Name": "journeyman_message", "Value": "msg_1"}],
        "ConfigurationSetName": "mails",
    }
    assert {name: written[name] for name in UNSUBSCRIBE} == UNSUBSCRIBE
    assert (written["From"], written["Subject"]) == ("Ann <ann@example.com>", "Grüße")


async def test_what_cannot_be_written_is_not_sent(fake: SesFake, sender: SesSender) -> None:
    with pytest.raises(AddressRejectedError):
        await sender.send(mail(to="nobody"))
    with pytest.raises(RejectedError):
        await sender.send(mail(headers={"Bcc": "all@example.com"}))
    assert fake.calls == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("AccountSuspendedException", "suspended"),
        ("SendingPausedException", "paused"),
        ("MailFromDomainNotVerifiedException", "not verified"),
        ("MessageRejected", "Email address is not verified. The following identities failed the check"),
        ("NotFoundException", "Configuration set <mails> does not exist."),
    ],
)
async def test_what_the_account_must_mend_has_the_message_wait(
    fake: SesFake, sender: SesSender, kind: str, message: str
) -> None:
    fake.script.append(fault(400, kind, message))
    with pytest.raises(TemporaryError):
        await sender.send(mail())


async def test_a_quota_that_is_reached_asks_for_a_slower_pace(fake: SesFake, sender: SesSender) -> None:
    fake.script.append(fault(400, "LimitExceededException", "Daily message quota exceeded."))
    with pytest.raises(ThrottledError):
        await sender.send(mail())


async def test_a_key_that_may_only_send_passes_the_check(fake: SesFake, sender: SesSender) -> None:
    fake.script.append(fault(403, "AccessDeniedException", "not authorized to perform: ses:GetAccount"))
    await sender.check()


async def test_the_providers_own_client_gets_on_with_the_fake(fake: SesFake) -> None:
    def send() -> str:
        client = get_session().create_client(
            "sesv2", REGION, endpoint_url=fake.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        sent = client.send_email(
            Destination={"ToAddresses": ["ann@customers.example"]},
            Content={"Raw": {"Data": b"Subject: Hello\r\n\r\nHello Ann\r\n"}},
            EmailTags=[{"Name": "journeyman_message", "Value": "msg_9"}],
        )
        client.close()
        return str(sent["MessageId"])

    assert await asyncio.to_thread(send)
    assert fake.taken() == ["msg_9"]


async def test_settings_make_a_sender_and_a_reader_only_with_a_topic() -> None:
    plain = {
        "provider": "ses",
        "region": "eu-central-1",
        "access_key_id": "k",
        "secret_access_key": "s",
        "mail_from": "shop@example.com",
    }
    settings = SesSettings.model_validate(plain)
    assert settings.callbacks() is None
    await settings.sender_of(SystemClock(), None).close()
    topic = "arn:aws:sns:eu-central-1:123456789012:mails"
    assert SesSettings.model_validate({**plain, "topic": topic}).callbacks() is not None
    assert base_url_of("eu-central-1") == "https://email.eu-central-1.amazonaws.com"
