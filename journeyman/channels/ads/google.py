"""Google Customer Match, through the Data Manager API.

https://developers.google.com/data-manager/api/reference/rest/v1/audienceMembers/ingest and .../remove;
which form is hashed: https://developers.google.com/data-manager/api/devguides/concepts/formatting.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import httpx
from pydantic import Field, SecretStr

from journeyman.channels.ads.hashing import e164, keys_of, without_variations
from journeyman.channels.ads.ports import Keys
from journeyman.channels.ads.settings import AudienceSettings
from journeyman.channels.errors import RejectedError
from journeyman.channels.provider_answers import let_in
from journeyman.channels.provider_http import ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.channels.service_accounts import TOKEN_URL, ServiceAccount
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://datamanager.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/datamanager"
_MEMBER = re.compile(r"audience_?[mM]embers(?:\[|\.)(\d+)")
_FIELDS: Final = {"email": "emailAddress", "phone": "phoneNumber"}
GRANTED: Final = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
"""Nobody is told of without consent: the keeper of audiences sees to it."""


class GoogleAudience:
    """One user list. What Google finds wrong after it has taken a request shows in the account alone."""

    network = "google"
    limit = 10_000

    def __init__(
        self,
        account: str,
        audience: str,
        client_email: str,
        private_key: str,
        clock: Clock,
        *,
        base_url: str,
        token_url: str,
    ) -> None:
        """`account` is the Google Ads account and `audience` the user list, both as numbers."""
        self._destination = {
            "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": account},
            "productDestinationId": audience,
        }
        self._clock = clock
        self._http = ProviderHttp(base_url)
        self._service = ServiceAccount(self._http, client_email, private_key, SCOPE, clock, token_url)

    def keys(self, email: str | None, phone: str | None) -> Keys:
        return keys_of(email, phone, without_variations, e164)

    async def change(self, people: Sequence[Keys], *, is_in: bool) -> Mapping[int, str]:
        """Whoever Google finds fault with is left out, and the others are told again without them."""
        refusals: dict[int, str] = {}
        while left := [place for place in range(len(people)) if place not in refusals]:
            answer = await self._told([people[place] for place in left], is_in=is_in)
            if answer.is_success:
                return refusals
            found = _faults(answer)
            if not found or max(found) >= len(left):
                raise self._refusal(answer)
            refusals |= {left[place]: why for place, why in found.items()}
        return refusals

    async def check(self) -> None:
        """Has the access checked by a request of nobody that is only tried."""
        await self._service.check()
        answer = await self._told([{"email": "0" * 64}], is_in=True, is_try=True)
        if answer.status_code != httpx.codes.BAD_REQUEST:
            let_in(answer)
        elif "destination" in answer.text.lower():
            raise RejectedError(f"the network does not know the audience: {_words(answer)}")

    async def close(self) -> None:
        await self._http.close()

    async def _told(self, people: Sequence[Keys], *, is_in: bool, is_try: bool = False) -> httpx.Response:
        document: dict[str, Any] = {
            "destinations": [self._destination],
            "audienceMembers": [{"userData": {"userIdentifiers": _identifiers(keys)}} for keys in people],
            "encoding": "HEX",
            "validateOnly": is_try,
        }
        if is_in:
            document |= {"consent": GRANTED, "termsOfService": {"customerMatchTermsOfServiceStatus": "ACCEPTED"}}
        headers = {"authorization": f"Bearer {await self._service.access()}"}
        verb = "ingest" if is_in else "remove"
        return await self._http("POST", f"/v1/audienceMembers:{verb}", document=document, headers=headers)

    def _refusal(self, answer: httpx.Response) -> Exception:
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._service.token = None
        return refused(answer, _words(answer), self._clock.now())


def _identifiers(keys: Keys) -> list[dict[str, str]]:
    return [{_FIELDS[name]: value} for name, value in keys.items()]


def _error(answer: httpx.Response) -> Mapping[str, Any]:
    found = json_of(answer).get("error")
    return found if isinstance(found, dict) else {}


def _words(answer: httpx.Response) -> str:
    error = _error(answer)
    return scrub(f"{error.get('status', '')} {error.get('message', '')}")


def _faults(answer: httpx.Response) -> dict[int, str]:
    """What is wrong with which member (google.rpc.BadRequest), by the position in the request."""
    found: dict[int, str] = {}
    for detail in _error(answer).get("details") or []:
        for violation in (detail.get("fieldViolations") or []) if isinstance(detail, dict) else []:
            named = _MEMBER.search(str(violation.get("field", "")))
            if named is not None:
                found[int(named[1])] = scrub(str(violation.get("description") or violation.get("reason") or "refused"))
    return found


class GoogleSettings(AudienceSettings):
    """A user list of Google Ads, and the service account that may fill it: fields of its JSON file."""

    network: Literal["google"]
    account: str = Field(pattern=r"^\d{3,20}$", description="The Google Ads account, digits alone")
    audience: str = Field(pattern=r"^\d{1,20}$", description="The user list")
    client_email: str = Field(min_length=3)
    private_key: SecretStr = Field(description="PEM; `\\n` may stand for the ends of lines")
    base_url: str = Field(BASE_URL, pattern="^https?://", description="Where its API is")
    token_url: str = Field(TOKEN_URL, pattern="^https?://", description="Where access tokens come from")

    def open(self, clock: Clock) -> GoogleAudience:
        key = self.private_key.get_secret_value().replace("\\n", "\n")
        return GoogleAudience(
            self.account, self.audience, self.client_email, key, clock, base_url=self.base_url, token_url=self.token_url
        )
