import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.channels.addresses import From
from journeyman.channels.errors import (
    AddressRejectedError,
    BusyError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import OutgoingMail, Sender
from journeyman.channels.providers.smtp.connections import SmtpServer as ServerAddress
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.kit.clock import FixedClock
from tests.journeyman.channels.providers.mails import FILES, attached_to
from tests.parts.postgres import free_port
from tests.parts.smtp import DIE, SILENT, Security, SmtpServer, client_tls

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = From("Shop", "hello@shop.example")


def outgoing(**parts: Any) -> OutgoingMail:
    given = {"id": "msg_1", "to": "ann@a.example", "subject": "Hi", "html": "<p>x</p>", "text": "x"}
    return OutgoingMail(**{**given, **parts})


def sender_for(url: str, **settings: Any) -> SmtpSender:
    return SmtpSender(url, SHOP, clock=FixedClock(NOON), **{"timeout": 5, "accept_seconds": 5, **settings})


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as running:
        yield running


@pytest.fixture
async def sender(server: SmtpServer) -> AsyncIterator[SmtpSender]:
    made = sender_for(server.url())
    yield made
    await made.close()


async def test_a_message_arrives_as_it_was_written(server: SmtpServer, sender: SmtpSender) -> None:
    port: Sender[OutgoingMail] = sender
    text = ".dot\n..two\n\nZażółć\n"
    accepted = await port.send(outgoing(text=text, headers={"List-Unsubscribe": "<https://j.example/u/x>"}))
    assert accepted.provider_message_id == "Q0001"
    mail = server.read()
    assert (server.mails[0].mail_from, server.mails[0].rcpt_tos) == ("hello@shop.example", ["ann@a.example"])
    assert mail["Message-ID"] == "<msg_1@shop.example>"
    assert mail["List-Unsubscribe"] == "<https://j.example/u/x>"
    parts = [str(part.get_content()).replace("\r\n", "\n") for part in mail.iter_parts()]
    assert parts == [text, "<p>x</p>\n"]


@pytest.mark.parametrize("security", ["smtp", "smtp+starttls", "smtps"])
async def test_it_logs_in_over_every_kind_of_connection(security: Security) -> None:
    async with SmtpServer(security, user="shop", password="p@ss:/w") as server:
        sender = sender_for(server.url("shop", "p%40ss%3A%2Fw"), tls=client_tls())
        await sender.check()
        await sender.send(outgoing())
        await sender.close()
        assert len(server.mails) == 1
        assert (server.connections, server.logins) == (1, 1)


async def test_m4_a_wrong_password_lets_messages_wait_and_the_check_fail() -> None:
    async with SmtpServer("smtp+starttls", user="shop", password="right") as server:
        sender = sender_for(server.url("shop", "wr0ng"), tls=client_tls())
        with pytest.raises(RejectedError) as checked:
            await sender.check()
        with pytest.raises(TemporaryError) as sent:
            await sender.send(outgoing())
        for caught in (checked, sent):
            assert "wr0ng" not in caught.value.detail + repr(caught.value.__cause__)


@pytest.mark.parametrize("security", ["smtps", "smtp+starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(security: Security) -> None:
    async with SmtpServer(security) as server:
        sender = sender_for(server.url())
        with pytest.raises(RejectedError, match="secured"):
            await sender.check()
        with pytest.raises(TemporaryError):
            await sender.send(outgoing())
        assert server.mails == []


async def test_a_server_without_starttls_is_not_written_to_in_the_clear(server: SmtpServer) -> None:
    sender = sender_for(server.url().replace("smtp://", "smtp+starttls://"))
    with pytest.raises(TemporaryError):
        await sender.send(outgoing())
    assert server.mails == []


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("MAIL", "550 5.7.1 sender refused", RejectedError),
        ("RCPT", "550 5.1.1 <ann@a.example> unknown", AddressRejectedError),
        ("RCPT", "451 4.7.1 greylisted <ann@a.example>", TemporaryError),
        ("RCPT", "450 4.7.1 rate limit, try again in 30 seconds", ThrottledError),
        ("DATA", "554 5.5.1 no", RejectedError),
        ("DATA", "451 later", TemporaryError),
        ("END", "554 5.7.1 spam", RejectedError),
        ("END", "452 4.3.1 quota exceeded", ThrottledError),
    ],
)
async def test_a_refusal_says_what_follows_and_the_connection_goes_on(
    server: SmtpServer, sender: SmtpSender, command: str, answer: str, kind: type[SendError]
) -> None:
    server.script(command, answer)
    with pytest.raises(SendError) as caught:
        await sender.send(outgoing())
    assert type(caught.value) is kind
    assert "ann@" not in caught.value.detail
    await sender.send(outgoing(id="msg_2"))
    assert (len(server.mails), server.connections) == (1, 1)


@pytest.mark.parametrize("answer", [DIE, SILENT])
async def test_m4_no_answer_after_the_content_is_an_unknown_outcome(server: SmtpServer, answer: str) -> None:
    server.script("END", answer)
    sender = sender_for(server.url(), accept_seconds=0.2)
    with pytest.raises(UnknownOutcomeError):
        await sender.send(outgoing())
    await sender.send(outgoing(id="msg_2"))
    await sender.close()
    assert [mail["Message-ID"] for mail in (server.read(index) for index in range(len(server.mails)))] == [
        "<msg_2@shop.example>"
    ]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [DIE, SILENT])
async def test_a_fresh_connection_that_is_lost_before_the_content_has_certainly_sent_nothing(
    server: SmtpServer, command: str, answer: str
) -> None:
    server.script(command, answer)
    sender = sender_for(server.url(), timeout=0.3)
    with pytest.raises(TemporaryError):
        await sender.send(outgoing())
    await sender.close()
    assert (server.mails, server.connections) == ([], 1)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_kept_connection_that_dies_before_the_content_is_replaced_once(
    server: SmtpServer, sender: SmtpSender, command: str
) -> None:
    await sender.send(outgoing())
    server.script(command, DIE)
    await sender.send(outgoing(id="msg_2"))
    assert (len(server.mails), server.connections) == (2, 2)
    server.script(command, DIE, DIE)
    with pytest.raises(TemporaryError):
        await sender.send(outgoing(id="msg_3"))
    assert len(server.mails) == 2


async def test_a_server_that_was_idle_for_too_long_is_called_again(server: SmtpServer, sender: SmtpSender) -> None:
    await sender.send(outgoing())
    server.script("MAIL", "421 4.4.2 idle timeout, closing")
    await sender.send(outgoing(id="msg_2"))
    assert (len(server.mails), server.connections) == (2, 2)


async def test_a_server_that_ended_every_connection_is_called_again(server: SmtpServer, sender: SmtpSender) -> None:
    await sender.send(outgoing())
    server.drop_all()
    await server.wait_until_open(0)
    await sender.send(outgoing(id="msg_2"))
    assert len(server.mails) == 2


async def test_idle_connections_are_closed_and_no_more_are_opened_than_allowed(server: SmtpServer) -> None:
    sender = sender_for(server.url(), connections=3, idle_seconds=0.2)
    await asyncio.gather(*(sender.send(outgoing(id=f"msg_{number}")) for number in range(20)))
    assert (len(server.mails), server.connections) == (20, 3)
    await server.wait_until_open(0)
    await sender.send(outgoing())
    assert server.connections == 4
    await sender.close()
    await server.wait_until_open(0)


async def test_a_cancelled_send_gives_its_place_and_no_half_used_connection_back(server: SmtpServer) -> None:
    sender = sender_for(server.url(), connections=1)
    await sender.send(outgoing())
    server.script("RCPT", SILENT)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await sender.send(outgoing(id="msg_2"))
    await sender.send(outgoing(id="msg_3"))
    await sender.close()
    assert [envelope.rcpt_tos for envelope in server.mails] == [["ann@a.example"]] * 2


async def test_who_gets_no_connection_in_time_has_not_been_handed_over(server: SmtpServer) -> None:
    sender = sender_for(server.url(), connections=1, place_seconds=0.05)
    server.script("RCPT", SILENT)
    first = asyncio.create_task(sender.send(outgoing()))
    while not server.connections:  # noqa: ASYNC110 - the server is another party
        await asyncio.sleep(0.01)
    with pytest.raises(BusyError):
        await sender.send(outgoing(id="msg_2"))
    first.cancel()
    await asyncio.wait([first])
    await sender.send(outgoing(id="msg_3"))
    await sender.close()


async def test_nobody_there_is_temporary() -> None:
    sender = sender_for(f"smtp://127.0.0.1:{free_port()}")
    for call in (sender.check(), sender.send(outgoing())):
        with pytest.raises(TemporaryError, match="reached"):
            await call


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it(server: SmtpServer, sender: SmtpSender) -> None:
    await sender.send(outgoing(to="zażółć@bücher.example"))
    assert server.mails[0].rcpt_tos == ["zażółć@xn--bcher-kva.example"]
    assert "SMTPUTF8" in server.mails[0].mail_options
    async with SmtpServer(smtputf8=False) as old:
        plain = sender_for(old.url())
        with pytest.raises(RejectedError, match="SMTPUTF8"):
            await plain.send(outgoing(to="zażółć@a.example"))
        await plain.send(outgoing(to="ann@bücher.example"))
        await plain.close()
        assert old.mails[0].rcpt_tos == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize("to", ["", "nobody", "a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example, c@d.example"])
async def test_what_is_no_address_is_rejected_before_a_server_is_asked(
    server: SmtpServer, sender: SmtpSender, to: str
) -> None:
    with pytest.raises(AddressRejectedError):
        await sender.send(outgoing(to=to))
    assert server.connections == 0


async def test_headers_that_cannot_be_written_are_rejected(sender: SmtpSender) -> None:
    with pytest.raises(RejectedError, match="cannot be written"):
        await sender.send(outgoing(headers={"X-A": "b\r\nBcc: c@d.example"}))


@pytest.mark.parametrize("url", ["", "http://a.example", "smtp://", "smtp://a.example:x", "smtp://:25"])
def test_an_url_that_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP URL"):
        SmtpSender(url, SHOP)


def test_a_server_read_from_its_url_shows_no_password() -> None:
    address = ServerAddress.parse("smtps://us%40er:s3cret@mail.example")
    assert (address.user, address.password, address.port) == ("us@er", "s3cret", 465)
    assert "s3cret" not in repr(address)


async def test_the_pool_is_fast_enough_for_a_campaign(server: SmtpServer) -> None:
    sender = sender_for(server.url(), connections=8)
    begun = time.process_time()
    await asyncio.gather(*(sender.send(outgoing(id=f"msg_{number}")) for number in range(300)))
    # Client and server share this process: the time of both stays under 10 ms a mail.
    assert time.process_time() - begun < 3
    assert len(server.mails) == 300
    await sender.close()


async def test_files_go_out_with_a_mail_byte_for_byte(server: SmtpServer, sender: SmtpSender) -> None:
    await sender.send(outgoing(attachments=FILES))
    assert attached_to(server.read().as_bytes()) == list(FILES)
