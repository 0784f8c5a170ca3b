"""Tokens of OAuth 2.0 client credentials (RFC 6749, 4.4): one fetch for many callers, a new one in time."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import orjson

from journeyman.channels.connections.settings import ClientCredentials
from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest, NoAnswerError
from journeyman.kit.clock import Clock

SKEW = timedelta(seconds=60)
"""So much before its end a token counts as ended: clocks differ, and a call takes a while."""
UNSAID = timedelta(minutes=10)
"""How long a token is good where the server does not say (Salesforce)."""
LONGEST = timedelta(days=1)
PATIENCE = 10.0
"""Seconds that a token may take."""
OK = 200
_CODE = re.compile(r"[a-z_]{1,40}")
"""Error codes (RFC 6749, 5.2). Anything else the server says may hold what it was sent."""
Ask = Callable[[HttpRequest], Awaitable[HttpAnswer]]


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and until when it is used."""

    text: str
    until: datetime


class Tokens:
    """The token of one connection."""

    def __init__(self, credentials: ClientCredentials, ask: Ask, clock: Clock) -> None:
        self._credentials = credentials
        self._ask = ask
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None

    async def current(self) -> str:
        """A token that is good; fetched once for all who ask meanwhile. Raises `NoAnswerError`."""
        async with self._lock:
            if self._token is None or self._clock.now() >= self._token.until:
                self._token = await self._fetch()
            return self._token.text

    def forget(self, token: str) -> None:
        """A system has refused this token. One that has been fetched since then stays."""
        if self._token is not None and self._token.text == token:
            self._token = None

    async def _fetch(self) -> Token:
        answer = await self._ask(_request(self._credentials))
        said = _document(answer)
        if answer.status != OK:
            told = str(said.get("error", ""))
            code = told if _CODE.fullmatch(told) else "no reason that can be told"
            detail = f"the token was refused with {answer.status}: {code}"
            raise NoAnswerError(detail, is_final=400 <= answer.status < 429, was_asked=False)  # noqa: PLR2004 - RFC 9110
        text, kind = said.get("access_token"), str(said.get("token_type", "bearer"))
        if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable():
            raise NoAnswerError("the token's answer holds no token", is_final=True, was_asked=False)
        if kind.lower() != "bearer":
            raise NoAnswerError("the token is of a type that is not known here", is_final=True, was_asked=False)
        return Token(text, self._clock.now() + _lifetime(said.get("expires_in")))


def _request(credentials: ClientCredentials) -> HttpRequest:
    secret = credentials.client_secret.get_secret_value()
    form = {"grant_type": "client_credentials", "scope": credentials.scope, "audience": credentials.audience}
    headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("user-agent", "Journeyman"),
    ]
    if credentials.sent_in == "body":
        form |= {"client_id": credentials.client_id, "client_secret": secret}
    else:
        # Both parts are form-encoded before they are put together (RFC 6749, 2.3.1).
        pair = f"{quote_plus(credentials.client_id)}:{quote_plus(secret)}".encode()
        headers.append(("authorization", f"Basic {base64.b64encode(pair).decode()}"))
    body = urlencode({name: value for name, value in form.items() if value is not None}).encode()
    return HttpRequest("POST", credentials.token_url.get_secret_value(), headers, body, PATIENCE)


def _document(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _lifetime(given: object) -> timedelta:
    """How long a token is used; of one that is short-lived a tenth is kept back."""
    try:
        said = min(timedelta(seconds=float(str(given))), LONGEST) if given is not None else UNSAID
    except (ValueError, OverflowError):
        said = UNSAID
    return said - min(SKEW, said / 10)
