"""SendGrid's mail API on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.addresses import From
from journeyman.channels.providers.sendgrid.sender import SendGridSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.journeyman.channels.providers.mails import in_json, mail
from tests.parts.other_system import Called, OtherSystem, Says, says

KEY = "SG.key"


def fault(status: int, message: str, field: str | None = None, **headers: str) -> Says:
    return says(status, {"errors": [{"message": message, "field": field, "help": None}]}, **headers)


FAULTS = Faults(
    dead_address=fault(400, "Does not contain a valid address.", "personalizations.0.to.0.email"),
    refused=fault(400, "The subject is required.", "subject"),
    throttled=fault(429, "too many requests", retry_after="7"),
    unauthorised=fault(401, "The provided authorization grant is invalid, expired, or revoked"),
)


class SendGridFake(OtherSystem):
    """Takes messages of one account."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {KEY}":
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/v3/scopes"):
            return says(200, {"scopes": ["mail.send"]})
        if (called.method, called.path) != ("POST", "/v3/mail/send"):
            return fault(404, "not found")
        given = called.document
        if not (given.get("personalizations") and given.get("from") and given.get("content")):
            return fault(400, "a field is missing")
        if any(not one["value"] for one in given["content"]):
            return fault(400, "The content value must be a string at least one character in length.", "content.0.value")
        self.messages.append(given)
        return Says(202, b"", {"x-message-id": f"14c5d75ce93.dfd.{len(self.messages)}".replace(".", "-")})

    def taken(self) -> list[str]:
        return [given["custom_args"]["journeyman_message"] for given in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with SendGridFake() as fake:

        def sender(key: str = KEY, timeout: float = 5) -> SendGridSender:
            author = From.parse("Shop <shop@example.com>")
            return SendGridSender(key, author, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=mail,
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
            attached=lambda: in_json(fake.messages[-1].get("attachments", []), "filename", "type", "content"),
        )
