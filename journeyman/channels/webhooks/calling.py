"""Requests of journeys to other people's systems: no redirects, no proxy, bounds on time and size, public addresses."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpcore

from journeyman.channels.webhooks.network import PublicNetwork, problem_of

LARGEST_ANSWER = 65_536
"""Bytes of an answer that are read; a larger one is refused."""
LONGEST_WAIT = timedelta(hours=1)
"""However long the other side wants to be left alone."""


class NoAnswerError(Exception):
    """There is no answer; `is_final` says that another attempt would fare no better.

    `was_asked` says that the request may have arrived.
    """

    def __init__(self, detail: str, *, is_final: bool = False, was_asked: bool = True) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_final = is_final
        self.was_asked = was_asked


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What goes out; `seconds` is how long all of it may take.

    With a `connection`, `url` is the path behind its URL, and the connection signs in.
    """

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    seconds: float
    connection: str | None = None
    largest: int = LARGEST_ANSWER
    """Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back."""

    status: int
    content_type: str
    body: bytes
    retry_after: timedelta | None = None


class HttpCalls:
    """Makes requests. Keeps connections open between them, until `close`."""

    def __init__(self, *, allows_private: bool, network: PublicNetwork | None = None) -> None:
        self.allows_private = allows_private
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30,
            network_backend=network or PublicNetwork(allows_private=allows_private),
        )

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        """Raises `NoAnswerError` where there is no answer, or one that is larger than it may be."""
        problem = problem_of(request.url, allows_private=self.allows_private)
        if problem is not None:
            raise NoAnswerError(f"the URL cannot be called: {problem}", is_final=True, was_asked=False)
        limits = dict.fromkeys(("connect", "read", "write", "pool"), request.seconds)
        try:
            async with (
                asyncio.timeout(request.seconds),
                self._pool.stream(
                    request.method,
                    request.url,
                    headers=list(request.headers),
                    content=request.body,
                    extensions={"timeout": limits},
                ) as answer,
            ):
                headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
                body = await _body_of(answer, request.largest)
                return HttpAnswer(answer.status, headers.get(b"content-type", ""), body, _retry_after(headers))
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise NoAnswerError(f"no answer: {str(error) or type(error).__name__}", was_asked=False) from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, TimeoutError) as error:
            raise NoAnswerError(f"no answer: {str(error) or type(error).__name__}") from error

    async def close(self) -> None:
        await self._pool.aclose()


async def _body_of(answer: httpcore.Response, largest: int) -> bytes:
    found = bytearray()
    async for part in answer.aiter_stream():
        found += part
        if len(found) > largest:
            raise NoAnswerError(f"the answer is larger than {largest // 1024} KB", is_final=True)
    return bytes(found)


def _retry_after(headers: Mapping[bytes, str]) -> timedelta | None:
    """The seconds of `Retry-After` (RFC 9110); a date there is left alone, and our own pause holds."""
    given = headers.get(b"retry-after", "").strip()
    if not given.isdecimal() or len(given) > 9:  # noqa: PLR2004 - no overflow
        return None
    return min(timedelta(seconds=int(given)), LONGEST_WAIT)
