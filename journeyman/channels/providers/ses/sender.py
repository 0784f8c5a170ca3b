"""E-mail through Amazon SES (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html)."""

import base64
import re
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from journeyman.channels.addresses import From
from journeyman.channels.envelope import envelope, written
from journeyman.channels.errors import SendError, TemporaryError, ThrottledError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingMail
from journeyman.channels.provider_answers import let_in, name_in
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused, retry_after
from journeyman.channels.scrubbing import scrub
from journeyman.channels.sigv4 import AwsKey, AwsSigner
from journeyman.kit.clock import Clock

LARGEST: Final = 40_000_000
"""Bytes of a message once it is in base64."""
TAG: Final = "journeyman_message"
"""Under this word a message carries the ledger's id, which comes back with what is told of it."""
THROTTLED: Final = frozenset(
    {"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"}
)
WAITS_FOR_ITS_OPERATOR: Final = frozenset(
    {
        "AccountSuspendedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "SendingPausedException",
    }
)
_UNVERIFIED: Final = "Email address is not verified"
_NO_ADDRESS: Final = re.compile(
    r"Illegal address|Missing final '@domain'|Local address |Domain (starts|ends|contains) "
)
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)


def base_url_of(region: str) -> str:
    """Where SES is in one region."""
    return f"https://email.{region}.amazonaws.com"


class SesSender:
    """The `Sender` of e-mail for one region of an account; the whole mail is written here (RFC 5322).

    SES knows no idempotency key: an unknown outcome stays one. It puts its own Message-ID in the place of ours.
    """

    channel = "email"
    capabilities = Capabilities(
        "email",
        tells=frozenset({"delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed"}),
        size_limit=LARGEST,
    )

    def __init__(
        self,
        key: AwsKey,
        region: str,
        sender: From,
        clock: Clock,
        *,
        configuration_set: str | None = None,
        base_url: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Events and tracking are settings of the configuration set."""
        self._base_url = base_url or base_url_of(region)
        self._signer = AwsSigner(key, region, "ses")
        self._sender = sender
        self._clock = clock
        self._configuration_set = configuration_set
        self._http = ProviderHttp(self._base_url, timeout=timeout)

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        answer = await self._call("POST", "/v2/email/outbound-emails", orjson.dumps(self._document(message)))
        if answer.is_success:
            return Accepted(name_in(json_of(answer), "MessageId"))
        raise self._error(answer)

    async def check(self) -> None:
        """Ask for the account. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        answer = await self._call("GET", "/v2/email/account", b"")
        if _kind(answer) != "AccessDeniedException":
            # A key that may send and nothing else is denied this, and is a good one.
            let_in(answer)

    async def close(self) -> None:
        await self._http.close()

    async def _call(self, method: str, path: str, body: bytes) -> httpx.Response:
        given = {"Content-Type": "application/json", "Host": urlsplit(self._base_url).netloc}
        headers = self._signer.headers(method, self._base_url + path, body, self._clock.now(), given)
        return await self._http(method, path, content=body, headers=headers)

    def _error(self, answer: httpx.Response) -> SendError:
        found, kind = json_of(answer), _kind(answer)
        said = str(found.get("message") or found.get("Message") or "")
        detail = f"{answer.status_code} {kind} {scrub(said)}".strip()
        if kind in THROTTLED:
            return ThrottledError(detail, retry_after(answer, self._clock.now()))
        if kind in WAITS_FOR_ITS_OPERATOR or said.startswith(_UNVERIFIED):
            return TemporaryError(detail)
        dead = kind == "BadRequestException" and _NO_ADDRESS.match(said) is not None
        return refused(answer, f"{kind} {said}", self._clock.now(), dead_address=dead)

    def _document(self, message: OutgoingMail) -> dict[str, Any]:
        recipient = envelope(message, self._sender).to
        mail = written(message, self._sender, self._clock.now())
        document: dict[str, Any] = {
            "Destination": {"ToAddresses": [recipient]},
            "Content": {"Raw": {"Data": base64.b64encode(mail).decode()}},
        }
        document |= {"EmailTags": [{"Name": TAG, "Value": message.id}]} if _VALUE.fullmatch(message.id) else {}
        document |= {"ConfigurationSetName": self._configuration_set} if self._configuration_set else {}
        return document


def _kind(answer: httpx.Response) -> str:
    """The name of an error, without the address of its documentation."""
    given = answer.headers.get("x-amzn-errortype") or str(json_of(answer).get("__type", ""))
    return given.partition(":")[0].rpartition("#")[2]
