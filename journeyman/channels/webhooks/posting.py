"""Handing webhooks over: one signed POST, no redirects, no proxy, and a bound on how long the answer may take."""

import asyncio
from datetime import timedelta
from typing import NoReturn

import httpcore

from journeyman.channels.webhooks.errors import WebhookRefusedError
from journeyman.channels.webhooks.network import PublicNetwork
from journeyman.channels.webhooks.signatures import signed
from journeyman.kit.clock import Clock

PATIENCE = 15.0
"""Seconds for each part of a call, as Standard Webhooks advises."""
TAKEN = range(200, 300)
GONE = 410
LONGEST_WAIT = timedelta(hours=6)
"""However long the other side wants to be left alone."""


class WebhookPost:
    """Posts signed JSON. Keeps connections open between calls, until `close`."""

    def __init__(
        self, clock: Clock, *, allows_private: bool, patience: float = PATIENCE, network: PublicNetwork | None = None
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=8,
            max_keepalive_connections=4,
            keepalive_expiry=30,
            network_backend=network or PublicNetwork(allows_private=allows_private),
        )

    async def __call__(self, url: str, secret: str, message_id: str, body: bytes) -> None:
        """Raises `WebhookRefusedError` for every answer but 2xx, and where there is none."""
        about = {"content-type": "application/json", "user-agent": "Journeyman"}
        headers = [*about.items(), *signed(secret, message_id, self._clock.now(), body).items()]
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._patience)
        try:
            # The parts of an answer may each be in time and all of them never come to an end.
            async with (
                asyncio.timeout(3 * self._patience),
                self._pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": limits}) as answer,
            ):
                # The body of the answer is nobody's business, and may be without end.
                status, told = answer.status, dict(answer.headers)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, TimeoutError) as error:
            raise WebhookRefusedError(f"no answer: {str(error) or type(error).__name__}") from error
        if status not in TAKEN:
            _refused(status, told)

    async def close(self) -> None:
        await self._pool.aclose()


def _refused(status: int, headers: dict[bytes, bytes]) -> NoReturn:
    given = next((value for name, value in headers.items() if name.lower() == b"retry-after"), b"")
    wait = timedelta(seconds=int(given)) if given.isdigit() and len(given) < 10 else None  # noqa: PLR2004 - no overflow
    raise WebhookRefusedError(
        f"answered with {status}", is_gone=status == GONE, retry_after=min(wait, LONGEST_WAIT) if wait else None
    )
