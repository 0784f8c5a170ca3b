"""An SMTP server's settings, and mail that is signed on its way to it."""

from typing import Any

import dkim
import pytest
from pydantic import ValidationError

from journeyman.channels.providers.smtp.settings import SmtpSettings
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.mails import mail
from tests.journeyman.channels.test_dkim import PEM, in_dns
from tests.parts.smtp import SmtpServer

DKIM = {"dkim_domain": "shop.example", "dkim_selector": "jm1", "dkim_key": PEM}


def smtp_settings(url: str = "smtp://127.0.0.1", **more: Any) -> SmtpSettings:
    given = {"provider": "smtp", "url": url, "mail_from": "Shop <hello@shop.example>"}
    return SmtpSettings.model_validate({**given, **more})


@pytest.mark.parametrize("text", ["Hello Ann", ".dot\n..two\n\n\n", "Zażółć\n \n"])
async def test_a_signed_mail_verifies_where_it_arrives(text: str) -> None:
    async with SmtpServer() as server:
        sender = smtp_settings(server.url(), **DKIM).sender_of(SystemClock(), None)
        await sender.send(mail(text=text))
        await sender.send(mail("msg_2", html=None, text=text))
        await sender.close()
        for arrived in server.mails:
            assert arrived.original_content is not None
            assert arrived.original_content.startswith(b"DKIM-Signature: v=1;")
            assert dkim.verify(arrived.original_content, dnsfunc=in_dns)


async def test_without_a_key_nothing_is_signed() -> None:
    async with SmtpServer() as server:
        sender = smtp_settings(server.url()).sender_of(SystemClock(), None)
        await sender.send(mail())
        await sender.close()
        assert server.read()["DKIM-Signature"] is None


@pytest.mark.parametrize("missing", sorted(DKIM))
def test_what_signs_is_given_whole(missing: str) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        smtp_settings(**{name: value for name, value in DKIM.items() if name != missing})


def test_a_key_that_is_none_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="no private key") as caught:
        smtp_settings(**{**DKIM, "dkim_key": "my secret"})
    assert "my secret" not in caught.value.errors(include_input=False)[0]["msg"]
