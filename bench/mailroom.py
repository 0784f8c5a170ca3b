"""An SMTP server that counts: who sent what is told by the Message-ID."""

import asyncio
import time
from collections import Counter
from email.parser import BytesHeaderParser
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"


class Mailroom:
    """Listens on loopback; `ids` counts mails by Message-ID, `arrived` tells when each address was last written to."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.ids: Counter[str] = Counter()
        self.arrived: dict[str, float] = {}
        self._changed = asyncio.Condition()
        self._reader = BytesHeaderParser()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def total(self) -> int:
        return self.ids.total()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        now = time.perf_counter()
        content: Any = envelope.content
        head = self._reader.parsebytes(content.split(b"\r\n\r\n", 1)[0])
        self.ids[str(head["Message-ID"])] += 1
        self.arrived.update(dict.fromkeys(envelope.rcpt_tos, now))
        async with self._changed:
            self._changed.notify_all()
        return OK

    async def until(self, total: int, seconds: float) -> None:
        """Wait until so many mails have come. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.total >= total)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.port)
        self._server = server
        self.port = int(server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
