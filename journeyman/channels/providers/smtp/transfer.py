"""One message over one open SMTP connection, so that it is always known whether it may have left."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO

import aiosmtplib

from journeyman.channels.errors import RejectedError, UnknownOutcomeError
from journeyman.channels.providers.smtp.replies import Stage, as_error

START_INPUT = 354
PERMANENT = 300
"""Replies below this say yes (RFC 5321 section 4.2.1)."""

SERVICE_CLOSING = 421

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_QUEUED = re.compile(r"queued as ([A-Za-z0-9._-]{4,64})", re.IGNORECASE)


class LostBeforeDataError(Exception):
    """The connection ended before any of the message was handed over: certainly not sent."""


async def transfer(
    connection: aiosmtplib.SMTP, mail: EmailMessage, *, utf8: bool, accept_seconds: float, signature: bytes = b""
) -> str:
    """Hand `mail` over and give the name under which the server queued it, or its Message-ID.

    `signature` is a header that stands before the mail. The server may take `accept_seconds` to accept the content.
    Raises `LostBeforeDataError`, or the error that the server's refusal means, or `UnknownOutcomeError` when it did
    not answer after the content.
    """
    content = _content(signature + written(mail))
    await _announce(connection, mail, utf8=utf8)
    protocol = connection.protocol
    if protocol is None:
        raise LostBeforeDataError("the connection is closed")
    async with _before_data("data"):
        start = await protocol.execute_command(b"DATA", timeout=connection.timeout)
    if start.code != START_INPUT:
        raise as_error("data", start.code, start.message)
    async with _before_data("data"):
        protocol.write(content)
    try:
        async with asyncio.timeout(accept_seconds):
            reply = await protocol.read_response()
    except (aiosmtplib.SMTPException, OSError) as error:
        raise UnknownOutcomeError("the server did not answer after the message was handed over") from error
    if reply.code >= PERMANENT:
        raise as_error("data", reply.code, reply.message)
    queued = _QUEUED.search(reply.message)
    return queued.group(1) if queued else str(mail["Message-ID"])


async def _announce(connection: aiosmtplib.SMTP, mail: EmailMessage, *, utf8: bool) -> None:
    if utf8 and not connection.supports_extension("smtputf8"):
        raise RejectedError("the server does not take addresses beyond ASCII (SMTPUTF8)")
    encoding = "utf-8" if utf8 else "ascii"
    author, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
    async with _before_data("sender"):
        await connection.mail(author, options=["SMTPUTF8"] if utf8 else [], encoding=encoding)
    async with _before_data("recipient"):
        await connection.rcpt(recipient, encoding=encoding)


@asynccontextmanager
async def _before_data(stage: Stage) -> AsyncIterator[None]:
    """Sort what fails while nothing has been handed over."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        if error.code == SERVICE_CLOSING and stage == "sender":
            # So a server ends a connection that it found idle for too long.
            raise LostBeforeDataError(str(error.message)) from error
        raise as_error(stage, error.code, str(error.message)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise LostBeforeDataError(str(error)) from error


def written(mail: EmailMessage) -> bytes:
    """The mail as RFC 5322 has it."""
    buffer = BytesIO()
    BytesGenerator(buffer, mangle_from_=False).flatten(mail)
    return buffer.getvalue()


def _content(mail: bytes) -> bytes:
    """The mail as it goes over the wire, with its dots doubled and the final one (RFC 5321 section 4.5.2)."""
    return _LEADING_DOT.sub(b"..", mail.rstrip(b"\r\n")) + b"\r\n.\r\n"
