"""Notices through Apprise, to real services on loopback: HTTP with JSON, Slack's webhooks, and mail."""

import logging
from email import message_from_bytes

import pytest

from journeyman.channels.notices.apprise_sender import AppriseSender, NoticeError
from tests.parts.other_system import OtherSystem, says
from tests.parts.smtp import SmtpServer


async def test_a_notice_goes_by_http() -> None:
    async with OtherSystem() as system:
        await AppriseSender().send(f"json://127.0.0.1:{system.port}/notices", "A task", "Call Ann")
        (called,) = system.calls
        assert (called.method, called.path) == ("POST", "/notices")
        assert (called.document["title"], called.document["message"]) == ("A task", "Call Ann")


async def test_a_notice_goes_by_mail() -> None:
    async with SmtpServer() as smtp:
        url = f"mailto://127.0.0.1:{smtp.port}?from=journeyman@shop.example&to=ops@shop.example&mode=insecure"
        await AppriseSender().send(url, "A campaign has ended", "news: 10 of 12 entered")
        (envelope,) = smtp.mails
        mail = message_from_bytes(envelope.original_content or b"")
        assert (envelope.rcpt_tos, mail["Subject"]) == (["ops@shop.example"], "A campaign has ended")


async def test_what_is_not_taken_is_said_and_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with OtherSystem() as system:
        system.script.append(says(500))
        with pytest.raises(NoticeError, match="did not take it"):
            await AppriseSender().send(f"json://user:sesame@127.0.0.1:{system.port}/sesame", "A", "B")
    with pytest.raises(NoticeError, match="does not know"):
        await AppriseSender().send("nothing-of-the-kind://sesame", "A", "B")
    assert "sesame" not in caplog.text
