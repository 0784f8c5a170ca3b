"""What Resend is told of a mail, and that its own client is told the same by the fake."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import resend
from pydantic import ValidationError

from journeyman.channels.addresses import From
from journeyman.channels.errors import TemporaryError, UnknownOutcomeError
from journeyman.channels.providers.resend.sender import ResendSender
from journeyman.channels.providers.resend.settings import ResendSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.mails import UNSUBSCRIBE, mail
from tests.journeyman.channels.providers.resend.harness import KEY, ResendFake, fault


@pytest.fixture
async def fake() -> AsyncIterator[ResendFake]:
    async with ResendFake() as fake:
        yield fake


@pytest.fixture
async def sender(fake: ResendFake) -> AsyncIterator[ResendSender]:
    sender = ResendSender(KEY, From.parse("Shop <shop@example.com>"), SystemClock(), base_url=fake.url)
    yield sender
    await sender.close()


async def test_a_mail_goes_as_the_documentation_has_it(fake: ResendFake, sender: ResendSender) -> None:
    await sender.send(mail(headers={**UNSUBSCRIBE, "Reply-To": "help@example.com"}))
    assert fake.messages == [
        {
            "from": "Shop <shop@example.com>",
            "to": ["ann@customers.example"],
            "subject": "Grüße",
            "text": "Hello Ann",
            "html": "<p>Hello Ann</p>",
            "reply_to": "help@example.com",
            "headers": UNSUBSCRIBE,
            "tags": [{"name": "journeyman_message", "value": "msg_1"}],
        }
    ]
    assert fake.calls[0].headers["idempotency-key"] == "msg_1"


async def test_a_second_call_sends_nothing_and_names_the_same_message(fake: ResendFake, sender: ResendSender) -> None:
    first, second = await sender.send(mail()), await sender.send(mail())
    assert first == second
    assert fake.taken() == ["msg_1"]


async def test_a_call_beside_another_of_the_same_id_is_asked_again(fake: ResendFake, sender: ResendSender) -> None:
    """Nobody may send it through another provider meanwhile: this one has it, or is about to."""
    fake.script.append(fault(409, "concurrent_idempotent_requests", "Same key used while in progress."))
    with pytest.raises(UnknownOutcomeError):
        await sender.send(mail())
    await sender.send(mail())
    with pytest.raises(UnknownOutcomeError):
        await sender.send(mail(text="Other words"))


async def test_what_the_account_must_mend_has_the_message_wait(fake: ResendFake, sender: ResendSender) -> None:
    fake.script.append(fault(400, "validation_error", "API key is invalid"))
    fake.script.append(fault(403, "validation_error", "The example.com domain is not verified."))
    for _ in range(2):
        with pytest.raises(TemporaryError):
            await sender.send(mail())


async def test_a_key_that_may_only_send_passes_the_check(fake: ResendFake, sender: ResendSender) -> None:
    fake.script.append(fault(401, "restricted_api_key", "This API key is restricted to only send emails"))
    await sender.check()


async def test_an_id_that_no_tag_can_hold_is_left_to_the_idempotency_key(
    fake: ResendFake, sender: ResendSender
) -> None:
    await sender.send(mail("msg:1"))
    assert "tags" not in fake.messages[0]


async def test_the_providers_own_client_gets_on_with_the_fake(
    fake: ResendFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resend, "api_url", fake.url)
    monkeypatch.setattr(resend, "api_key", KEY)
    given: resend.Emails.SendParams = {
        "from": "shop@example.com",
        "to": ["ann@customers.example"],
        "subject": "Hello",
        "text": "Hello Ann",
        "tags": [{"name": "journeyman_message", "value": "msg_9"}],
    }
    key: resend.Emails.SendOptions = {"idempotency_key": "msg_9"}
    sent = [await asyncio.to_thread(resend.Emails.send, given, key) for _ in range(2)]
    assert sent[0]["id"] == sent[1]["id"]
    assert fake.taken() == ["msg_9"]


async def test_settings_make_a_sender_and_refuse_a_secret_that_is_none() -> None:
    plain = {"provider": "resend", "key": "k", "mail_from": "shop@example.com"}
    settings = ResendSettings.model_validate(plain)
    assert settings.callbacks() is None
    await settings.sender_of(SystemClock(), None).close()
    assert ResendSettings.model_validate({**plain, "callback_secret": "whsec_c2VjcmV0"}).callbacks() is not None
    with pytest.raises(ValidationError, match="no secret"):
        ResendSettings.model_validate({**plain, "callback_secret": "whsec_a"})
