"""A real SMTP server for tests: aiosmtpd on loopback, with TLS, AUTH, and answers that a test writes."""

import asyncio
import ssl
from collections import defaultdict, deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Security = Literal["smtp", "smtp+starttls", "smtps"]

DIE = "die"
"""A scripted answer: the connection ends without one."""

TAKEN = "taken"
"""The mail is accepted, and the answer to that never comes."""
SILENT = "silent"
"""A scripted answer: none comes for as long as the connection lasts."""


class SmtpServer:
    """Takes mail until it is left. `script` sets what it answers next to a command."""

    def __init__(
        self, security: Security = "smtp", *, user: str | None = None, password: str = "", smtputf8: bool = True
    ) -> None:
        self.security = security
        self.mails: list[Envelope] = []
        self.connections = 0
        self.logins = 0
        self.open: set[SMTP] = set()
        self._smtputf8 = smtputf8
        self._login = (user, password)
        self._script: defaultdict[str, deque[str]] = defaultdict(deque)
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        secure = server_tls() if self.security == "smtps" else None
        self._server = await asyncio.get_running_loop().create_server(self._session, "127.0.0.1", 0, ssl=secure)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.drop_all()
        # A session whose TLS handshake failed never hears that its connection is gone.
        with suppress(TimeoutError):
            await self.wait_until_open(0, seconds=0.3)

    def url(self, user: str | None = None, password: str = "") -> str:
        login = f"{user}:{password}@" if user else ""
        return f"{self.security}://{login}127.0.0.1:{self.port}"

    def script(self, command: str, *answers: str) -> None:
        """The next answers to `MAIL`, `RCPT`, `DATA` (before the content) or `END` (after it)."""
        self._script[command].extend(answers)

    def is_to_answer(self, command: str) -> bool:
        """Whether an answer that was scripted has not been asked for yet."""
        return bool(self._script[command])

    def drop_all(self) -> None:
        """End every connection without a word."""
        for session in list(self.open):
            abort(session)

    async def wait_until_open(self, count: int, *, seconds: float = 5) -> None:
        """Wait until exactly so many connections are open."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.open) == count)

    def read(self, index: int = -1) -> EmailMessage:
        """A mail as a receiver reads it."""
        content = self.mails[index].original_content
        assert content is not None
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def _session(self) -> SMTP:
        return _Session(
            self,
            hostname="mail.test",
            enable_SMTPUTF8=self._smtputf8,
            tls_context=server_tls() if self.security == "smtp+starttls" else None,
            require_starttls=self.security == "smtp+starttls",
            # aiosmtpd knows of no TLS but STARTTLS.
            auth_require_tls=self.security == "smtp+starttls",
            authenticator=self._authenticate if self._login[0] is not None else None,
            command_call_limit=100_000,
        )

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        user, password = self._login
        success = (given.login, given.password) == (str(user).encode(), password.encode())
        self.logins += success
        return AuthResult(success=success, handled=False)

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _scripted(self, command: str, server: SMTP) -> str | None:
        if not self._script[command]:
            return None
        answer = self._script[command].popleft()
        if answer == DIE:
            abort(server)
        if answer in {DIE, SILENT}:
            await asyncio.Event().wait()
        return answer

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's hook
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._scripted("MAIL", server):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's hook
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := await self._scripted("RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self._script["END"] and self._script["END"][0] == TAKEN:
            self._script["END"][0] = SILENT
            self.mails.append(envelope)
        if answer := await self._scripted("END", server):
            return answer
        self.mails.append(envelope)
        return f"250 2.0.0 OK: queued as Q{len(self.mails):04}"


def abort(session: SMTP) -> None:
    """End a connection at once, as a crash does."""
    if isinstance(session.transport, asyncio.Transport):
        session.transport.abort()


class _Session(SMTP):
    """One connection that the server knows of, and whose `DATA` may be refused before the content."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self not in self.event_handler.open:
            self.event_handler.connections += 1
            self.event_handler.open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.open.discard(self)
        self.loop.create_task(self.event_handler.changed())

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if answer := await self.event_handler._scripted("DATA", self):
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


@lru_cache
def _certificate() -> tuple[bytes, bytes]:
    """A key and a certificate for 127.0.0.1 that nobody trusts unless told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    private, certificate = _certificate()
    with TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_bytes(private + certificate)
        context.load_cert_chain(chain)
    return context


def client_tls() -> ssl.SSLContext:
    """Trusts the test server's certificate and no other."""
    return ssl.create_default_context(cadata=_certificate()[1].decode())
