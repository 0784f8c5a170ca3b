"""SES's API on loopback, as its documentation has it; signatures are judged by botocore, which is AWS's own."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from journeyman.channels.addresses import From
from journeyman.channels.providers.ses.sender import SesSender
from journeyman.channels.sigv4 import AwsKey
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.journeyman.channels.providers.mails import attached_to, mail
from tests.parts.other_system import Called, OtherSystem, Says, says

KEY, SECRET, REGION = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "eu-central-1"
_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=(\S+?)/\S+, ?SignedHeaders=(\S+), ?Signature=([0-9a-f]{64})")


def fault(status: int, kind: str, message: str, **headers: str) -> Says:
    named = {"x-amzn-errortype": f"{kind}:http://internal.amazon.com/coral/com.amazonaws.sesv2/", **headers}
    return says(status, {"message": message}, **named)


FAULTS = Faults(
    dead_address=fault(400, "BadRequestException", "Missing final '@domain'"),
    refused=fault(400, "MessageRejected", "Message contains a virus"),
    throttled=fault(429, "TooManyRequestsException", "Maximum sending rate exceeded.", retry_after="7"),
    unauthorised=fault(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
)


class SesFake(OtherSystem):
    """Takes messages of one key in one region."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        if not self.is_signed(called):
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/v2/email/account"):
            return says(200, {"SendingEnabled": True, "ProductionAccessEnabled": True})
        if (called.method, called.path) != ("POST", "/v2/email/outbound-emails"):
            return fault(404, "UnknownOperationException", "")
        if not called.document.get("Content"):
            return fault(400, "BadRequestException", "1 validation error detected: content must not be null")
        self.messages.append(called.document)
        return says(200, {"MessageId": f"010701{len(self.messages):010x}-e9aedb9a-000000"})

    def is_signed(self, called: Called) -> bool:
        found = _AUTHORIZATION.fullmatch(called.headers.get("authorization", ""))
        if found is None or found.group(1) != KEY:
            return False
        headers = {name: called.headers[name] for name in found.group(2).split(";")}
        request = AWSRequest(called.method, f"{self.url}{called.path}", headers=headers, data=called.body)
        request.context["timestamp"] = headers["x-amz-date"]
        auth = SigV4Auth(Credentials(KEY, SECRET), "ses", REGION)
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        return bool(expected == found.group(3))

    def taken(self) -> list[str]:
        return [given["EmailTags"][0]["Value"] for given in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with SesFake() as fake:

        def sender(secret: str = SECRET, timeout: float = 5) -> SesSender:
            author = From.parse("Shop <shop@example.com>")
            return SesSender(AwsKey(KEY, secret), REGION, author, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=mail,
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
            attached=lambda: attached_to(base64.b64decode(fake.messages[-1]["Content"]["Raw"]["Data"])),
        )
