"""Calls over connections: the operator's credentials go to the operator's host, and nowhere else."""

import asyncio
import base64
from collections.abc import Collection, Mapping
from dataclasses import replace

from journeyman.channels.connections.settings import Connection
from journeyman.channels.connections.tokens import Tokens
from journeyman.channels.webhooks.calling import HttpAnswer, HttpCalls, HttpRequest, NoAnswerError
from journeyman.channels.webhooks.network import problem_of
from journeyman.channels.webhooks.signatures import signed
from journeyman.kit.clock import Clock

UNAUTHORIZED = 401
KEY = "idempotency-key"


class ConnectedCalls:
    """Makes requests; those that name a connection are made below its URL, and signed in."""

    def __init__(self, http: HttpCalls, connections: Mapping[str, Connection], clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._connections = connections
        self._tokens = {
            name: Tokens(one.oauth2, http, clock) for name, one in connections.items() if one.oauth2 is not None
        }

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        """Raises `NoAnswerError`, whose words hold no secret."""
        name = request.connection
        if name is None:
            return await self._http(request)
        if name not in self._connections:
            raise NoAnswerError(f"there is no connection `{name}`", is_final=True, was_asked=False)
        try:
            async with asyncio.timeout(request.seconds):
                return await self._over(name, self._connections[name], request)
        except TimeoutError as error:
            raise NoAnswerError("no answer: it took too long") from error

    @property
    def names(self) -> Collection[str]:
        return self._connections.keys()

    async def check(self, name: str) -> None:
        """Whether its URL may be called, and its token can be had. Raises `NoAnswerError`."""
        url = self._connections[name].url.get_secret_value()
        problem = problem_of(url, allows_private=self._http.allows_private)
        if problem is not None:
            raise NoAnswerError(f"the URL cannot be called: {problem}", is_final=True, was_asked=False)
        if name in self._tokens:
            await self._tokens[name].current()

    async def close(self) -> None:
        await self._http.close()

    async def _over(self, name: str, connection: Connection, request: HttpRequest) -> HttpAnswer:
        whole = self._addressed(connection, request)
        tokens = self._tokens.get(name)
        if tokens is None:
            return await self._http(_with(whole, _credentials(connection)))
        token = await tokens.current()
        answer = await self._http(_with(whole, {"authorization": f"Bearer {token}"}))
        if answer.status != UNAUTHORIZED:
            return answer
        # It may have been withdrawn before its time; a system that says 401 has done nothing.
        tokens.forget(token)
        return await self._http(_with(whole, {"authorization": f"Bearer {await tokens.current()}"}))

    def _addressed(self, connection: Connection, request: HttpRequest) -> HttpRequest:
        base = connection.url.get_secret_value()
        if request.url and not request.url.startswith("/"):
            raise NoAnswerError("the path does not begin with a slash", is_final=True, was_asked=False)
        whole = replace(request, url=base.rstrip("/") + request.url if request.url else base, connection=None)
        added = {header.lower(): value.get_secret_value() for header, value in connection.headers.items()}
        if connection.signs is not None:
            message = next((value for header, value in request.headers if header.lower() == KEY), "")
            added |= signed(connection.signs.get_secret_value(), message, self._clock.now(), request.body)
        return _with(whole, added)


def _credentials(connection: Connection) -> dict[str, str]:
    if connection.bearer is not None:
        return {"authorization": f"Bearer {connection.bearer.get_secret_value()}"}
    if connection.basic is not None:
        pair = f"{connection.basic.user}:{connection.basic.password.get_secret_value()}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _with(request: HttpRequest, headers: Mapping[str, str]) -> HttpRequest:
    """The same request with these headers in place of its own."""
    kept = [(name, value) for name, value in request.headers if name.lower() not in headers]
    return replace(request, headers=[*kept, *headers.items()])
