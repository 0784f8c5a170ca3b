"""LinkedIn Matched Audiences, through its DMP segments.

https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segment-users. LinkedIn
matches by e-mail alone; whoever has none is not told of.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ads.hashing import keys_of, plain
from journeyman.channels.ads.ports import Keys
from journeyman.channels.ads.settings import AudienceSettings
from journeyman.channels.errors import UnknownOutcomeError
from journeyman.channels.provider_answers import let_in
from journeyman.channels.provider_http import ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.linkedin.com/rest"
VERSION: Final = "202610"
TAKEN: Final = 300
"""Below it a status says that the entry was taken."""


class LinkedInAudience:
    """One DMP segment of users."""

    network = "linkedin"
    limit = 5_000

    def __init__(self, audience: str, token: str, clock: Clock, *, version: str, base_url: str) -> None:
        self._path = f"/dmpSegments/{audience}"
        self._clock = clock
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        self._http = ProviderHttp(base_url, headers=headers)

    def keys(self, email: str | None, phone: str | None) -> Keys:  # noqa: ARG002 - of the port
        return keys_of(email, None, plain, plain)

    async def change(self, people: Sequence[Keys], *, is_in: bool) -> Mapping[int, str]:
        action = "ADD" if is_in else "REMOVE"
        elements = [
            {"action": action, "userIds": [{"idType": "SHA256_EMAIL", "idValue": keys["email"]}]} for keys in people
        ]
        headers = {"X-RestLi-Method": "BATCH_CREATE"}
        answer = await self._http("POST", f"{self._path}/users", document={"elements": elements}, headers=headers)
        found = json_of(answer)
        if not answer.is_success:
            raise refused(answer, scrub(str(found.get("message", ""))), self._clock.now())
        told = found.get("elements")
        if not isinstance(told, list) or len(told) != len(people):
            raise UnknownOutcomeError("the network's answer does not say what became of whom")
        return {place: _why(one) for place, one in enumerate(told) if _status(one) >= TAKEN}

    async def check(self) -> None:
        """Ask for the segment."""
        let_in(await self._http("GET", self._path))

    async def close(self) -> None:
        await self._http.close()


def _status(one: Any) -> int:  # noqa: ANN401 - what the network says
    status = one.get("status") if isinstance(one, dict) else None
    return status if isinstance(status, int) else TAKEN


def _why(one: Any) -> str:  # noqa: ANN401 - what the network says
    error = one.get("error") if isinstance(one, dict) else None
    words = error.get("message", "") if isinstance(error, dict) else ""
    return scrub(f"{_status(one)} {words}")


class LinkedInSettings(AudienceSettings):
    """A DMP segment of LinkedIn."""

    network: Literal["linkedin"]
    audience: str = Field(pattern=r"^\d{1,20}$", description="The DMP segment, of users")
    token: SecretStr = Field(description="An access token with `rw_dmp_segments`")
    version: str = Field(VERSION, pattern=r"^20\d{4}$", description="The version of the API, a year and a month")
    base_url: str = Field(BASE_URL, pattern="^https?://", description="Where its API is")

    def open(self, clock: Clock) -> LinkedInAudience:
        return LinkedInAudience(
            self.audience, self.token.get_secret_value(), clock, version=self.version, base_url=self.base_url
        )
