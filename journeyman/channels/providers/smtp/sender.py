"""E-mail over SMTP (RFC 5321), one message and one recipient at a time, over pooled connections."""

import asyncio
import ssl
from email.message import EmailMessage

import aiosmtplib

from journeyman.channels.addresses import From, read_address
from journeyman.channels.dkim import DkimSigner
from journeyman.channels.errors import AddressRejectedError, RejectedError, SendError, TemporaryError
from journeyman.channels.mail import compose
from journeyman.channels.ports import Accepted, Capabilities, OutgoingMail
from journeyman.channels.providers.smtp.connections import SmtpConnections, SmtpServer
from journeyman.channels.providers.smtp.replies import as_error
from journeyman.channels.providers.smtp.transfer import LostBeforeDataError, transfer, written
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock, SystemClock

PLACE_SECONDS = 10.0
"""How long a message waits for a connection. A hand-over that was not begun must not be cut off as if it had been."""
IDLE_SECONDS = 30.0
TIMEOUT_SECONDS = 30.0
ACCEPT_SECONDS = 60.0
"""How long a server may take to accept content; giving up earlier makes more outcomes unknown."""


class SmtpSender:
    """The `Sender` of e-mail for one SMTP server.

    A wrong password and a certificate that cannot be trusted are the operator's to mend: `send` then raises
    `TemporaryError`, so that the message waits, and `check` raises `RejectedError`. Details hold no address and no
    password. Belongs to the event loop that first sends. Raises `ValueError` for a URL that cannot be read.
    """

    channel = "email"
    capabilities = Capabilities("email")

    def __init__(
        self,
        url: str,
        sender: From,
        *,
        connections: int = 8,
        place_seconds: float = PLACE_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
        accept_seconds: float = ACCEPT_SECONDS,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        dkim: DkimSigner | None = None,
    ) -> None:
        self._sender = sender
        self._clock = clock or SystemClock()
        self._dkim = dkim
        self._accept_seconds = accept_seconds
        self._connections = SmtpConnections(
            SmtpServer.parse(url),
            limit=connections,
            place_seconds=place_seconds,
            idle_seconds=idle_seconds,
            timeout=timeout,
            tls=tls,
        )

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        mail, utf8 = self._compose(message)
        signature = await self._sign(mail)
        async with self._connections.place():
            idle = self._connections.take_idle()
            if idle is not None:
                try:
                    return await self._transfer(idle, mail, signature, utf8=utf8)
                except LostBeforeDataError:
                    # It had died, or the server had grown tired of it, while it was kept: a fresh one decides.
                    pass
            try:
                return await self._transfer(await self._open(), mail, signature, utf8=utf8)
            except LostBeforeDataError as error:
                raise TemporaryError(f"the connection was lost: {scrub(str(error))}") from error

    async def check(self) -> None:
        """Connect and log in. Raises `TemporaryError` for a server that cannot be reached, else `RejectedError`."""
        try:
            connection = await self._connections.open()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _opening_error(error) from error
        self._connections.put_back(connection)

    async def close(self) -> None:
        await self._connections.close()

    def _compose(self, message: OutgoingMail) -> tuple[EmailMessage, bool]:
        try:
            utf8 = not read_address(message.to).local_part.isascii()
        except ValueError as error:
            raise AddressRejectedError("the address is no e-mail address") from error
        try:
            return compose(message, self._sender, self._clock.now(), utf8=utf8), utf8
        except ValueError as error:
            raise RejectedError(f"the message cannot be written: {scrub(str(error))}") from error

    async def _sign(self, mail: EmailMessage) -> bytes:
        """The header that signs the mail, where it is signed here; made beside the event loop."""
        if self._dkim is None:
            return b""
        return await asyncio.to_thread(lambda signer: signer.header(written(mail), self._clock.now()), self._dkim)

    async def _open(self) -> aiosmtplib.SMTP:
        try:
            return await self._connections.open()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            failure = _opening_error(error)
            raise failure if isinstance(failure, TemporaryError) else TemporaryError(failure.detail) from error

    async def _transfer(
        self, connection: aiosmtplib.SMTP, mail: EmailMessage, signature: bytes, *, utf8: bool
    ) -> Accepted:
        reusable = False
        try:
            queued = await transfer(
                connection, mail, utf8=utf8, accept_seconds=self._accept_seconds, signature=signature
            )
            reusable = True
        except (RejectedError, TemporaryError):
            reusable = await _reset(connection)
            raise
        finally:
            if reusable:
                self._connections.put_back(connection)
            else:
                self._connections.discard(connection)
        return Accepted(queued)


async def _reset(connection: aiosmtplib.SMTP) -> bool:
    """Whether the server, having refused one message, is ready for the next."""
    try:
        await connection.rset()
    except (aiosmtplib.SMTPException, OSError):
        return False
    return True


def _opening_error(error: Exception) -> SendError:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return RejectedError(f"the server does not accept user and password: {error.code}")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return as_error("connect", error.code, str(error.message))
    detail = scrub(str(error)) or type(error).__name__
    if isinstance(error.__cause__ or error, ssl.SSLError):
        return RejectedError(f"the connection cannot be secured: {detail}")
    if isinstance(error, OSError | aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPTimeoutError):
        return TemporaryError(f"the server cannot be reached: {detail}")
    return RejectedError(f"the server does not offer what the URL asks for: {detail}")
