"""Firebase Cloud Messaging and Google's token endpoint on loopback, as their documentation has them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from journeyman.channels.ports import OutgoingPush
from journeyman.channels.providers.fcm.sender import SCOPE, FcmSender
from journeyman.channels.service_accounts import GRANT
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.keys import rsa_key
from tests.parts.other_system import Called, OtherSystem, Says, says

EMAIL = "sender@shop-1.iam.gserviceaccount.com"
ERROR_TYPE = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


def error(code: int, status: str, message: str, kind: str | None = None, **headers: str) -> Says:
    details = [{"@type": ERROR_TYPE, "errorCode": kind}] if kind else []
    body: dict[str, Any] = {"code": code, "message": message, "status": status, "details": details}
    return says(code, {"error": body}, **headers)


FAULTS = Faults(
    dead_address=error(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"),
    refused=error(400, "INVALID_ARGUMENT", "Android message is too big", "INVALID_ARGUMENT"),
    throttled=error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "QUOTA_EXCEEDED", retry_after="7"),
    unauthorised=error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    failing=error(503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"),
)


class FcmFake(OtherSystem):
    """Gives tokens to one service account, and takes messages with them."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.tokens = 0

    def answer(self, called: Called) -> Says:
        if called.path == "/token":
            return self._token(called)
        if called.headers.get("authorization") != f"Bearer token-{self.tokens}" or not self.tokens:
            return FAULTS.unauthorised
        if (called.method, called.path) != ("POST", "/v1/projects/shop-1/messages:send"):
            return error(404, "NOT_FOUND", "no such method")
        message = called.document["message"]
        if not all(isinstance(value, str) for value in message["data"].values()):
            return error(400, "INVALID_ARGUMENT", "data must be strings", "INVALID_ARGUMENT")
        self.messages.append(message)
        return says(200, {"name": f"projects/shop-1/messages/{len(self.messages)}"})

    def _token(self, called: Called) -> Says:
        form = parse_qs(called.body.decode())
        key = load_pem_private_key(rsa_key().encode(), None).public_key()
        try:
            claims = jwt.decode(form["assertion"][0], key, ["RS256"], audience=f"{self.url}/token", leeway=7_200)  # type: ignore[arg-type]  # an RSA key
        except jwt.InvalidTokenError:
            return says(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        if (form["grant_type"][0], claims["scope"], claims["iss"]) != (GRANT, SCOPE, EMAIL):
            return says(400, {"error": "invalid_scope"})
        self.tokens += 1
        return says(200, {"access_token": f"token-{self.tokens}", "expires_in": 3599, "token_type": "Bearer"})

    def taken(self) -> list[str]:
        return [message["data"]["journeyman_id"] for message in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with FcmFake() as fake:

        def sender(key: str = "ours", timeout: float = 5) -> FcmSender:
            urls = {"base_url": fake.url, "token_url": f"{fake.url}/token"}
            return FcmSender("shop-1", EMAIL, rsa_key(key), SystemClock(), timeout=timeout, **urls)

        first = sender()
        await first.check()  # an access token is there, so that a test's script is about messages
        await first.close()
        until = SystemClock().now() + timedelta(hours=1)

        def holding(made: FcmSender) -> FcmSender:
            made.account.token = (f"token-{fake.tokens}", until)
            return made

        fake.calls.clear()
        yield Harness(
            fake=fake,
            sender=holding(sender()),
            message=lambda identity: OutgoingPush(identity, "a-registration-token", "Hello", "Your cart waits"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: holding(sender(timeout=seconds)),
            wrong_key=lambda: sender("another"),
        )
