"""Text messages through Twilio (https://www.twilio.com/docs/messaging/api/message-resource)."""

from typing import Final
from urllib.parse import urlencode

from journeyman.channels.ports import Accepted, Capabilities, OutgoingText
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://api.twilio.com"
DEAD: Final = frozenset({21211, 21214, 21217, 21219, 21265, 21401, 21407, 21421, 21610, 21614})
"""Codes that say that the number is none, cannot be written to, or has said STOP (twilio.com/docs/api/errors)."""
LONGEST: Final = 36_000
"""Seconds of `ValidityPeriod` at most."""


class TwilioSender:
    """The `Sender` of SMS for one account. Twilio knows no idempotency key: an unknown outcome stays one."""

    channel = "sms"
    capabilities = Capabilities("phone", tells=frozenset({"sent", "delivered", "bounced", "failed"}))

    def __init__(
        self,
        account: str,
        token: str,
        sender: str,
        clock: Clock,
        *,
        callback_url: str | None = None,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`sender` is a number in E.164, a name, or the id of a messaging service (`MG…`)."""
        self._account = account
        self._from = sender
        self._clock = clock
        self._callback_url = callback_url
        self._http = ProviderHttp(base_url, auth=(account, token), timeout=timeout)

    async def send(self, message: OutgoingText) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        sender = message.sender or self._from
        form = {"To": message.to, "Body": message.text}
        form["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
        if self._callback_url is not None:
            form["StatusCallback"] = f"{self._callback_url}?{urlencode({'message': message.id})}"
        if message.lasts is not None:
            form["ValidityPeriod"] = str(min(max(int(message.lasts.total_seconds()), 1), LONGEST))
        answer = await self._http("POST", f"/2010-04-01/Accounts/{self._account}/Messages.json", form=form)
        found = json_of(answer)
        if not answer.is_success:
            words = f"{found.get('code', '')} {found.get('message', '')}"
            raise refused(answer, words, self._clock.now(), dead_address=found.get("code") in DEAD)
        return Accepted(name_in(found, "sid"), int(found.get("num_segments") or 1))

    async def check(self) -> None:
        """Ask for the account. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        let_in(await self._http("GET", f"/2010-04-01/Accounts/{self._account}.json"))

    async def close(self) -> None:
        await self._http.close()
