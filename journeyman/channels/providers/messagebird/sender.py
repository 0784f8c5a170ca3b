"""Text messages through MessageBird, now Bird (https://developers.messagebird.com/api/sms-messaging/)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from journeyman.channels.errors import SendError, TemporaryError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingText
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.channels.scrubbing import scrub
from journeyman.channels.sms.segments import segments_of
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://rest.messagebird.com"
OPERATORS: Final = frozenset({2, 25})
"""A key that is not allowed, and a balance that does not do (developers.messagebird.com/api/#api-errors)."""
RECIPIENTS: Final = frozenset({"recipient", "recipients"})
NO_NUMBER: Final = frozenset({9, 10})


class MessageBirdSender:
    """The `Sender` of SMS for one workspace. It knows no idempotency key: an unknown outcome stays one."""

    channel = "sms"
    capabilities = Capabilities("phone", tells=frozenset({"sent", "delivered", "bounced", "failed"}))

    def __init__(
        self,
        key: str,
        sender: str,
        clock: Clock,
        *,
        callback_url: str | None = None,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`sender` is a number in E.164 or a name of at most eleven characters."""
        self._from = sender
        self._clock = clock
        self._callback_url = callback_url
        self._http = ProviderHttp(base_url, headers={"Authorization": f"AccessKey {key}"}, timeout=timeout)

    async def send(self, message: OutgoingText) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        document: dict[str, Any] = {
            "originator": (message.sender or self._from).lstrip("+"),
            "recipients": [message.to.lstrip("+")],
            "body": message.text,
            "datacoding": "auto",
            "reference": message.id,
        }
        if self._callback_url is not None:
            document["reportUrl"] = self._callback_url
        if message.lasts is not None:
            document["validity"] = max(int(message.lasts.total_seconds()), 1)
        answer = await self._http("POST", "/messages", document=document)
        found = json_of(answer)
        if not answer.is_success:
            raise self._refusal(answer, found)
        return Accepted(name_in(found, "id"), len(segments_of(message.text).parts))

    async def check(self) -> None:
        """Ask for the balance. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", "/balance"))

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, found: Mapping[str, Any]) -> SendError:
        errors = _errors(found)
        words = "; ".join(f"{one.get('code')} {one.get('description', '')}" for one in errors)
        if any(one.get("code") in OPERATORS for one in errors):
            return TemporaryError(scrub(f"{answer.status_code} {words}"))
        dead = any(one.get("code") in NO_NUMBER and one.get("parameter") in RECIPIENTS for one in errors)
        return refused(answer, words, self._clock.now(), dead_address=dead)


def _errors(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    given = found.get("errors")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
