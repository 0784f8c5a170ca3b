"""A real SMTP server that keeps what it is given, and can refuse, stall or die as a test asks."""

import asyncio
import email
import email.policy
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[EmailMessage], Awaitable[str]]


async def accept(_mail: EmailMessage) -> str:
    return "250 OK"


class MailCatcher:
    """Listens on a free port of loopback; `mails` holds every accepted message, `answer` decides what is accepted."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer: Answer = accept
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("not listening")
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content: Any = envelope.content
        mail = email.message_from_bytes(content, policy=email.policy.default)
        if not isinstance(mail, EmailMessage):
            raise TypeError("the policy makes EmailMessages")
        answer = await self.answer(mail)
        if answer.startswith("250"):
            self.mails.append(mail)
        return answer

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
