"""Access tokens of Google's service accounts.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest; an assertion as in RFC 7523.
"""

from datetime import datetime, timedelta
from typing import Final

import httpx
import jwt

from journeyman.channels.errors import RejectedError, TemporaryError
from journeyman.channels.provider_http import ProviderHttp, json_of
from journeyman.kit.clock import Clock

TOKEN_URL: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EARLY: Final = timedelta(minutes=1)


class ServiceAccount:
    """Fetches a token for one scope, and a new one in time."""

    def __init__(
        self,
        http: ProviderHttp,
        client_email: str,
        private_key: str,
        scope: str,
        clock: Clock,
        token_url: str = TOKEN_URL,
    ) -> None:
        """The two fields of the account's JSON file; `private_key` is PEM."""
        self._http = http
        self._email, self._private_key, self._scope = client_email, private_key, scope
        self._clock = clock
        self._token_url = token_url
        self.token: tuple[str, datetime] | None = None
        """The access token, and until when it serves."""

    async def access(self) -> str:
        """The access token, asked for anew a minute before it ends. Raises `TemporaryError` where there is none."""
        now = self._clock.now()
        if self.token is not None and now < self.token[1] - EARLY:
            return self.token[0]
        answer = await self._asked_for()
        if not answer.is_success:
            raise TemporaryError(f"no access token: {answer.status_code}")
        found = json_of(answer)
        token, seconds = str(found.get("access_token", "")), float(found.get("expires_in", 0))
        self.token = (token, now + timedelta(seconds=seconds))
        return token

    async def check(self) -> None:
        """Ask for an access token. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        self.token = None
        answer = await self._asked_for()
        if answer.is_client_error:
            raise RejectedError(f"the provider refuses the service account: {answer.status_code}")
        if not answer.is_success:
            raise TemporaryError(f"the provider answers {answer.status_code}")

    async def _asked_for(self) -> httpx.Response:
        now = int(self._clock.now().timestamp())
        claims = {"iss": self._email, "scope": self._scope, "aud": self._token_url, "iat": now, "exp": now + 3600}
        form = {"grant_type": GRANT, "assertion": jwt.encode(claims, self._private_key, algorithm="RS256")}
        return await self._http("POST", self._token_url, form=form)
