"""TikTok's custom audiences, through the Audience API of its Business API.

https://business-api.tiktok.com/portal/docs?id=1739940507792385 (`segment/mapping`); which form is hashed:
https://ads.tiktok.com/help/article/how-to-create-a-custom-audience-with-a-customer-file.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import httpx
from pydantic import Field, SecretStr

from journeyman.channels.ads.hashing import e164, keys_of, plain
from journeyman.channels.ads.ports import Keys
from journeyman.channels.ads.settings import AudienceSettings
from journeyman.channels.errors import RejectedError, SendError, TemporaryError, ThrottledError
from journeyman.channels.provider_http import ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://business-api.tiktok.com/open_api/v1.3"
SCHEMA: Final = {"email": "EMAIL_SHA256", "phone": "PHONE_SHA256"}
OK: Final = 0
SLOWER: Final = frozenset({40016, 40100, 40133})
OPERATORS: Final = frozenset({40001, 40101, 40102, 40103, 40104, 40105, 40106})
"""Tokens and permissions: the operator's to mend."""
LATER: Final = range(50_000, 60_000)
"""https://business-api.tiktok.com/portal/docs?id=1737172488964097 (return codes)."""


class TikTokAudience:
    """One audience of one advertiser. TikTok takes a request whole or not at all."""

    network = "tiktok"
    limit = 1_000

    def __init__(self, advertiser: str, audience: str, token: str, clock: Clock, *, base_url: str) -> None:
        self._advertiser, self._audience = advertiser, audience
        self._clock = clock
        self._http = ProviderHttp(base_url, headers={"Access-Token": token})

    def keys(self, email: str | None, phone: str | None) -> Keys:
        return keys_of(email, phone, plain, e164)

    async def change(self, people: Sequence[Keys], *, is_in: bool) -> Mapping[int, str]:
        document = {
            "advertiser_ids": [self._advertiser],
            "action": "add" if is_in else "delete",
            "id_schema": list(SCHEMA.values()),
            "batch_data": [[self._mapping(keys.get(name)) for name in SCHEMA] for keys in people],
        }
        answer = await self._http("POST", "/segment/mapping/", document=document)
        found = json_of(answer)
        if not answer.is_success or found.get("code") != OK:
            raise self._refusal(answer, found)
        return {}

    async def check(self) -> None:
        """Ask for the advertiser's audience."""
        path = f'/dmp/custom_audience/get/?advertiser_id={self._advertiser}&custom_audience_ids=["{self._audience}"]'
        answer = await self._http("GET", path)
        found = json_of(answer)
        if answer.is_success and found.get("code") == OK:
            return
        refusal = self._refusal(answer, found)
        if found.get("code") in OPERATORS or isinstance(refusal, RejectedError):
            raise RejectedError(f"the network refuses the credentials or the audience: {refusal.detail}")
        raise TemporaryError(f"the network answers {refusal.detail}")

    async def close(self) -> None:
        await self._http.close()

    def _mapping(self, key: str | None) -> dict[str, Any]:
        return {"id": key, "audience_ids": [self._audience]} if key else {}

    def _refusal(self, answer: httpx.Response, found: Mapping[str, Any]) -> SendError:
        """Sorted by the code: refusals come with status 200."""
        code, now = found.get("code"), self._clock.now()
        words = scrub(f"{code} {found.get('message', '')}")
        if code in SLOWER:
            return ThrottledError(words, retry_after(answer, now))
        if code in OPERATORS or code in LATER:
            return TemporaryError(words)
        if answer.is_success and isinstance(code, int):
            return RejectedError(words)
        return refused(answer, words, now)


class TikTokSettings(AudienceSettings):
    """A custom audience of TikTok."""

    network: Literal["tiktok"]
    advertiser: str = Field(pattern=r"^\d{5,25}$", description="The advertiser's account")
    audience: str = Field(pattern=r"^\d{5,25}$", description="The custom audience")
    token: SecretStr = Field(description="The access token of an app that may manage audiences")
    base_url: str = Field(BASE_URL, pattern="^https?://", description="Where its API is")

    def open(self, clock: Clock) -> TikTokAudience:
        return TikTokAudience(
            self.advertiser, self.audience, self.token.get_secret_value(), clock, base_url=self.base_url
        )
