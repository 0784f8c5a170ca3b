"""The API of a running Journeyman, as the command line uses it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import typer

from journeyman.kit.errors import DomainError, Fault, InvalidError, NotFoundError, OverloadedError

TIMEOUT = 30.0
PAGE = 100
RETRY_AFTER = 5
"""Seconds to wait where an API that cannot answer now does not say how long."""

Url = Annotated[str, typer.Option("--url", envvar="JOURNEYMAN_URL", help="Address of the API.")]
Key = Annotated[
    str, typer.Option("--key", envvar="JOURNEYMAN_KEY", help="A key of the role operator or admin.", show_default=False)
]
DEFAULT_URL = "http://127.0.0.1:8080"


class Remote:
    """Calls with one key. Whatever the API refuses is raised as the error that it named."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON value
        return await self._call("GET", path, params=query)

    async def find(self, path: str) -> Any:  # noqa: ANN401 - any JSON value
        """As `get`, and None where there is nothing."""
        try:
            return await self.get(path)
        except NotFoundError:
            return None

    async def put(self, path: str, body: object) -> Any:  # noqa: ANN401 - any JSON value
        return await self._call("PUT", path, json=body)

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - any JSON value
        return await self._call("POST", path, json=body)

    async def items(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        query: dict[str, str | int] = {"limit": PAGE}
        while True:
            page = await self.get(path, **query)
            for item in page["items"]:
                yield item
            if not page.get("next"):
                return
            query["cursor"] = page["next"]

    async def _call(self, method: str, path: str, **content: Any) -> Any:  # noqa: ANN401 - any JSON value
        try:
            response = await self._client.request(method, path, **content)
        except httpx.InvalidURL as error:
            raise InvalidError(f"{self._client.base_url} is no address: {error}") from error
        except httpx.TransportError as error:
            said = str(error) or type(error).__name__
            raise DomainError(f"the API at {self._client.base_url} does not answer: {said}") from error
        if response.is_success:
            return response.json() if response.content else None
        raise refusal(response)


@asynccontextmanager
async def connect(url: str, key: str, seconds: float = TIMEOUT) -> AsyncIterator[Remote]:
    """A connection to the API at `url`, which has `seconds` for each answer.

    Raises `InvalidError` when the key cannot be one.
    """
    if not key or not key.isascii():
        raise InvalidError("a key is needed: give --key or set JOURNEYMAN_KEY (`journeyman key create` makes one)")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=seconds, trust_env=False) as client:
        yield Remote(client)


def refusal(response: httpx.Response) -> DomainError:
    """The error that an answer in the form of RFC 9457 stands for."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    said = problem.get("detail") or problem.get("title") or f"the API answered {response.status_code}"
    where = f"{response.request.method} {response.request.url.path}: {said}"
    if response.status_code == httpx.codes.NOT_FOUND:
        return NotFoundError(where)
    if response.status_code in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        return OverloadedError(where, _seconds(response))
    if response.status_code in {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}:
        return InvalidError(where, [_fault(fault) for fault in problem.get("errors", [])])
    return DomainError(where)


def _seconds(response: httpx.Response) -> int:
    """After how many seconds the API wants to be asked again (RFC 9110, `Retry-After`)."""
    asked = response.headers.get("retry-after", "")
    return int(asked) if asked.isascii() and asked.isdecimal() else RETRY_AFTER


def _fault(fault: dict[str, str]) -> Fault:
    return Fault(fault.get("pointer", ""), fault.get("detail", ""), fault.get("mend", ""))
