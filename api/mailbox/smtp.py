"""The SMTP side of the mailbox: it takes everything and passes nothing on."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from api.mailbox.store import Arrival, Store

SIZE_LIMIT = 26_214_400
"""Bytes of a mail, as large as the large providers take."""

COMMAND_LIMIT = 10_000_000


class _LenientSmtp(SMTP):
    # Mail with lines longer than the standard allows is odd, and here it is to be seen.
    line_length_limit = 1_048_576


class _Takes:
    """aiosmtpd's hooks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - a hook
        source = envelope.original_content or b""
        await self._store.add(Arrival(envelope.mail_from or "", tuple(envelope.rcpt_tos), source))
        return "250 2.0.0 OK: kept in the local mailbox"


def _anybody(*_: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd's arguments
    return AuthResult(success=True)


async def listen(store: Store, host: str, port: int) -> asyncio.Server:
    """Take mail at `host` and `port` into `store`. Raises `OSError` when the port is taken."""
    loop = asyncio.get_running_loop()
    handler = _Takes(store)

    def session() -> SMTP:
        return _LenientSmtp(
            handler,
            hostname="mailbox.local",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            authenticator=_anybody,
            auth_require_tls=False,
            command_call_limit=COMMAND_LIMIT,
            loop=loop,
        )

    return await loop.create_server(session, host, port)
