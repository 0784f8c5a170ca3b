"""Providers that are called over HTTP: one client, and the same sorting of what can go wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from journeyman.channels.errors import (
    AddressRejectedError,
    BusyError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.scrubbing import scrub

TIMEOUT_SECONDS: Final = 30.0
PLACE_SECONDS: Final = 10.0
"""How long a message waits for a connection before the provider is asked."""
KEPT_SECONDS: Final = 5.0
"""A connection that nobody used for so long may be closed from the other side at any moment: it is not used again."""
RETRY_AFTER: Final = 30.0
"""Seconds to wait where a provider asks for a slower pace and names none."""
RETRY_LIMIT: Final = 3600.0
WAITS_FOR_ITS_OPERATOR: Final = frozenset({401, 402, 403, 407})
"""Keys and bills are the operator's to mend: the message waits meanwhile."""
CERTAINLY_NOT: Final = frozenset({408, 409, 423, 425, 500, 501, 503, 529})
"""Answers after which the same request may be made again, for the provider says that it did nothing."""


class ProviderHttp:
    """Calls one provider. `base_url` ends without a slash; `headers` go with every request."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | tuple[str, str] | None = None,
        connections: int = 20,
        timeout: float = TIMEOUT_SECONDS,
        http2: bool = False,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers=dict(headers or {}),
            auth=auth,
            # Over a plain connection HTTP/2 begins without asking, so that it stands alone.
            http1=not http2,
            http2=http2,
            timeout=httpx.Timeout(timeout, pool=PLACE_SECONDS),
            limits=httpx.Limits(max_connections=connections, keepalive_expiry=KEPT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        document: Any = None,  # noqa: ANN401 - any JSON document
        form: Mapping[str, Any] | None = None,
        files: Any = None,  # noqa: ANN401 - as httpx takes them
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer, whatever its status. Raises `BusyError`, `TemporaryError` or `UnknownOutcomeError`.

        The outcome is unknown from the moment at which the request may have left.
        """
        try:
            return await self._client.request(
                method, path, json=document, data=form, files=files, content=content, headers=headers
            )
        except httpx.PoolTimeout as error:
            raise BusyError("every connection to the provider is in use") from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TemporaryError(f"the provider cannot be reached: {scrub(str(error))}") from error
        except httpx.TimeoutException as error:
            raise UnknownOutcomeError("the provider did not answer in time") from error
        except (httpx.TransportError, httpx.DecodingError, httpx.TooManyRedirects) as error:
            raise UnknownOutcomeError(f"the connection was lost: {scrub(str(error))}") from error

    async def close(self) -> None:
        await self._client.aclose()


def refused(answer: httpx.Response, words: str, now: datetime, *, dead_address: bool = False) -> SendError:
    """What an answer that is no success means; `words` are the provider's own.

    `dead_address` is for the sender to find out, by the codes that the provider documents.
    """
    detail = f"{answer.status_code} {scrub(words)}".strip()
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return ThrottledError(detail, retry_after(answer, now))
    if dead_address:
        return AddressRejectedError(detail)
    if answer.status_code in WAITS_FOR_ITS_OPERATOR:
        return TemporaryError(detail)
    if answer.status_code in CERTAINLY_NOT:
        wait = answer.headers.get("retry-after")
        return ThrottledError(detail, retry_after(answer, now)) if wait else TemporaryError(detail)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code < httpx.codes.BAD_REQUEST:
        return UnknownOutcomeError(detail)
    return RejectedError(detail)


def retry_after(answer: httpx.Response, now: datetime) -> float:
    """Seconds of `Retry-After`, which is a number or a date (RFC 9110 section 10.2.3)."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isdecimal():
        seconds = float(given[:9])
    else:
        try:
            at = parsedate_to_datetime(given)
        except ValueError:
            return RETRY_AFTER
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 1.0), RETRY_LIMIT)


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where there is none, for errors come as pages, too."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
