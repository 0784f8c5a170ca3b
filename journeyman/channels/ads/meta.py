"""Meta Custom Audiences (Facebook, Instagram), through the Graph API.

https://developers.facebook.com/docs/marketing-api/reference/custom-audience/users; which form is hashed:
https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences#hash.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import httpx
from pydantic import Field, SecretStr

from journeyman.channels.ads.hashing import digits, keys_of, plain
from journeyman.channels.ads.ports import Keys
from journeyman.channels.ads.settings import AudienceSettings
from journeyman.channels.errors import SendError, TemporaryError, ThrottledError
from journeyman.channels.provider_answers import let_in
from journeyman.channels.provider_http import ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://graph.facebook.com/v25.0"
SCHEMA: Final = ("EMAIL", "PHONE")
SLOWER: Final = frozenset({4, 17, 32, 613, 80000, 80003, 80004})
"""https://developers.facebook.com/docs/graph-api/overview/rate-limiting#error-codes."""
OPERATORS: Final = frozenset({3, 10, 102, 190, *range(200, 300)})
LATER: Final = frozenset({1, 2})


class MetaAudience:
    """One custom audience of a customer file."""

    network = "meta"
    limit = 10_000

    def __init__(self, audience: str, token: str, clock: Clock, *, app_secret: str | None, base_url: str) -> None:
        self._audience = audience
        self._clock = clock
        self._proof = _proof(app_secret, token) if app_secret is not None else ""
        self._http = ProviderHttp(base_url, headers={"Authorization": f"Bearer {token}"})

    def keys(self, email: str | None, phone: str | None) -> Keys:
        return keys_of(email, phone, plain, digits)

    async def change(self, people: Sequence[Keys], *, is_in: bool) -> Mapping[int, str]:
        rows = [[keys.get("email", ""), keys.get("phone", "")] for keys in people]
        session = {
            "session_id": secrets.randbits(53),
            "batch_seq": 1,
            "last_batch_flag": True,
            "estimated_num_total": len(rows),
        }
        document = {"session": session, "payload": {"schema": SCHEMA, "is_raw": True, "data": rows}}
        path = f"/{self._audience}/users{self._proof}"
        answer = await self._http("POST" if is_in else "DELETE", path, document=document)
        found = json_of(answer)
        if not answer.is_success or "error" in found:
            raise self._refusal(answer, found.get("error") or {})
        return _refusals(rows, found)

    async def check(self) -> None:
        """Ask for the audience."""
        let_in(await self._http("GET", f"/{self._audience}{self._proof}"))

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, error: Mapping[str, Any]) -> SendError:
        """Sorted by the code: the statuses of this API say little."""
        code, now = error.get("code"), self._clock.now()
        words = scrub(f"{code} {error.get('error_user_msg') or error.get('message', '')}")
        if code in SLOWER:
            return ThrottledError(words, retry_after(answer, now))
        if code in OPERATORS or code in LATER:
            return TemporaryError(words)
        return refused(answer, words, now)


def _proof(app_secret: str, token: str) -> str:
    """https://developers.facebook.com/docs/graph-api/guides/secure-requests#appsecret_proof."""
    return "?appsecret_proof=" + hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _refusals(rows: Sequence[Sequence[str]], found: Mapping[str, Any]) -> dict[int, str]:
    """Those of whom the answer shows a sample; of how many there are it shows no more than some."""
    if not found.get("num_invalid_entries"):
        return {}
    samples = str(found.get("invalid_entry_samples"))
    return {
        place: "the network does not take this entry"
        for place, row in enumerate(rows)
        if any(key and key in samples for key in row)
    }


class MetaSettings(AudienceSettings):
    """A custom audience of Meta."""

    network: Literal["meta"]
    audience: str = Field(pattern=r"^\d{5,25}$", description="The custom audience")
    token: SecretStr = Field(description="Of a system user that may manage ads")
    app_secret: SecretStr | None = Field(None, description="Signs every call, where the app demands it")
    base_url: str = Field(BASE_URL, pattern="^https?://", description="Where its API is")

    def open(self, clock: Clock) -> MetaAudience:
        secret = self.app_secret.get_secret_value() if self.app_secret is not None else None
        return MetaAudience(
            self.audience, self.token.get_secret_value(), clock, app_secret=secret, base_url=self.base_url
        )
