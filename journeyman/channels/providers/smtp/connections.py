"""Connections to one SMTP server, kept open between messages."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import aiosmtplib

from journeyman.channels.errors import BusyError

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where the server is and how to log in, read from a URL. The password is in no representation."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read `smtp://`, `smtp+starttls://` or `smtps://[USER:PASSWORD@]HOST[:PORT]`.

        User and password are percent-encoded where they hold `@`, `:` or `/`. Raises `ValueError` without them.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise ValueError("the SMTP URL begins with smtp://, smtp+starttls:// or smtps://")
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError("the SMTP URL has no valid port") from None
        if not host:
            raise ValueError("the SMTP URL names no host")
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.scheme, host, port or PORTS[parts.scheme], user, password)


class SmtpConnections:
    """At most `limit` connections at a time. Idle ones are closed after `idle_seconds`.

    Belongs to one event loop.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        limit: int,
        place_seconds: float,
        idle_seconds: float,
        timeout: float,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.server = server
        self._idle_seconds = idle_seconds
        self._timeout = timeout
        self._tls = tls
        self._places = asyncio.Semaphore(limit)
        self._place_seconds = place_seconds
        self._idle: list[tuple[float, aiosmtplib.SMTP]] = []
        self._reaper: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait until one more connection may be used. Raises `BusyError` when that takes too long."""
        try:
            async with asyncio.timeout(self._place_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise BusyError("all connections to the server are in use") from error
        try:
            yield
        finally:
            self._places.release()

    def take_idle(self) -> aiosmtplib.SMTP | None:
        """The connection that was used last, if one is open."""
        while self._idle:
            since, connection = self._idle.pop()
            if connection.is_connected and time.monotonic() - since < self._idle_seconds:
                return connection
            self.discard(connection)
        return None

    async def open(self) -> aiosmtplib.SMTP:
        """A new connection, secured and logged in as the URL says. Raises what aiosmtplib and sockets raise."""
        server = self.server
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
            tls_context=self._tls if server.scheme != "smtp" else None,
            # The name is only said to the server; asking the name service for it can take seconds.
            local_hostname=socket.gethostname() or "localhost",
            timeout=self._timeout,
        )
        try:
            await connection.connect()
            if connection.is_ehlo_or_helo_needed:
                await connection.ehlo()
        except BaseException:
            connection.close()
            raise
        return connection

    def put_back(self, connection: aiosmtplib.SMTP) -> None:
        """Keep `connection` for the next message."""
        if self._closed or not connection.is_connected:
            self.discard(connection)
            return
        self._idle.append((time.monotonic(), connection))
        if self._reaper is None:
            self._reaper = asyncio.get_running_loop().call_later(self._idle_seconds, self._reap)

    def discard(self, connection: aiosmtplib.SMTP) -> None:
        """Close a connection of which it is not known what the server expects next."""
        connection.close()

    async def close(self) -> None:
        """Say goodbye on every idle connection; one that is in use is closed when it comes back."""
        self._closed = True
        if self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_quit(connection) for _, connection in idle), *self._closing)

    def _reap(self) -> None:
        self._reaper = None
        now = time.monotonic()
        old = [entry for entry in self._idle if now - entry[0] >= self._idle_seconds]
        self._idle = [entry for entry in self._idle if now - entry[0] < self._idle_seconds]
        for _, connection in old:
            task = asyncio.get_running_loop().create_task(_quit(connection))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        if self._idle:
            wait = max(self._idle[0][0] + self._idle_seconds - now, 0.0)
            self._reaper = asyncio.get_running_loop().call_later(wait, self._reap)


async def _quit(connection: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await connection.quit(timeout=2)
    connection.close()
