"""Text messages through Vonage's Messages API (https://developer.vonage.com/en/api/messages)."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from journeyman.channels.errors import SendError, TemporaryError, ThrottledError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingText
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.channels.sms.segments import segments_of
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.nexmo.com"
ACCOUNT_URL: Final = "https://rest.nexmo.com"
DEAD: Final = frozenset({"1050", "1170"})
"""The number is barred, or none (developer.vonage.com/en/api-errors/messages)."""
SLOWER: Final = frozenset({"1000"})
LATER: Final = frozenset({"1030", "1060", "1070", "1080", "1100"})
"""Failures of the platform, and accounts and bills, which are the operator's to mend."""
SHORTEST, LONGEST = 20, 604_800
"""Seconds of `ttl`."""


class VonageSender:
    """The `Sender` of SMS for one account. Vonage knows no idempotency key: an unknown outcome stays one."""

    channel = "sms"
    capabilities = Capabilities("phone", tells=frozenset({"sent", "delivered", "bounced", "failed"}))

    def __init__(
        self,
        key: str,
        secret: str,
        sender: str,
        clock: Clock,
        *,
        callback_url: str | None = None,
        base_url: str = BASE_URL,
        account_url: str = ACCOUNT_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`sender` is a number in E.164 or a name; `account_url` is where the balance can be asked for."""
        self._from = sender
        self._clock = clock
        self._callback_url = callback_url
        self._http = ProviderHttp(base_url, auth=(key, secret), timeout=timeout)
        self._account = ProviderHttp(account_url, auth=(key, secret), timeout=timeout)

    async def send(self, message: OutgoingText) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        document: dict[str, Any] = {
            "channel": "sms",
            "message_type": "text",
            "to": message.to.lstrip("+"),
            "from": (message.sender or self._from).lstrip("+"),
            "text": message.text,
            "client_ref": message.id,
            "sms": {"encoding_type": "auto"},
        }
        if self._callback_url is not None:
            document |= {"webhook_url": self._callback_url, "webhook_version": "v1"}
        if message.lasts is not None:
            document["ttl"] = min(max(int(message.lasts.total_seconds()), SHORTEST), LONGEST)
        answer = await self._http("POST", "/v1/messages", document=document)
        found = json_of(answer)
        if not answer.is_success:
            raise self._refusal(answer, found)
        return Accepted(name_in(found, "message_uuid"), len(segments_of(message.text).parts))

    async def check(self) -> None:
        """Ask for the balance. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        let_in(await self._account("GET", "/account/get-balance"))

    async def close(self) -> None:
        await self._http.close()
        await self._account.close()

    def _refusal(self, answer: httpx.Response, problem: Mapping[str, Any]) -> SendError:
        """By the code that ends the `type` of the problem (RFC 9457)."""
        code, now = str(problem.get("type", "")).rpartition("#")[2], self._clock.now()
        wrong = _wrong(problem)
        words = f"{code} {problem.get('title', '')} {problem.get('detail', '')} {' '.join(wrong)}"
        if code in SLOWER:
            return ThrottledError(scrub(words), retry_after(answer, now))
        if code in LATER:
            return TemporaryError(scrub(words))
        return refused(answer, words, now, dead_address=code in DEAD or "to" in wrong)


def _wrong(problem: Mapping[str, Any]) -> list[str]:
    """The names of parameters that are refused."""
    given = problem.get("invalid_parameters")
    return [str(one.get("name")) for one in given if isinstance(one, dict)] if isinstance(given, list) else []
