"""Postmark's API on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.addresses import From
from journeyman.channels.providers.postmark.sender import PostmarkSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.journeyman.channels.providers.mails import in_json, mail
from tests.parts.other_system import Called, OtherSystem, Says, says

TOKEN = "the server's token"
FAULTS = Faults(
    dead_address=says(422, {"ErrorCode": 406, "Message": "You tried to send to a recipient that is inactive."}),
    refused=says(422, {"ErrorCode": 300, "Message": "Zero recipients specified"}),
    throttled=says(429, {"ErrorCode": 429, "Message": "Rate limit exceeded"}, retry_after="7"),
    unauthorised=says(401, {"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied."}),
)


class PostmarkFake(OtherSystem):
    """Takes messages of one server."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        if called.headers.get("x-postmark-server-token") != TOKEN:
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/server"):
            return says(200, {"ID": 23, "Name": "Staging Testing", "ApiTokens": [TOKEN]})
        if (called.method, called.path) != ("POST", "/email"):
            return says(404, {"ErrorCode": 404, "Message": "not found"})
        given = called.document
        if not given.get("To") or not given.get("From") or not (given.get("HtmlBody") or given.get("TextBody")):
            return says(422, {"ErrorCode": 300, "Message": "Invalid email request"})
        self.messages.append(given)
        named = {"To": given["To"], "SubmittedAt": "2026-03-02T12:00:00.0000000Z", "ErrorCode": 0, "Message": "OK"}
        return says(200, {**named, "MessageID": f"b7bc2f4a-e38e-4336-af7d-{len(self.messages):012x}"})

    def taken(self) -> list[str]:
        return [given["Metadata"]["message"] for given in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with PostmarkFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> PostmarkSender:
            author = From.parse("Shop <shop@example.com>")
            return PostmarkSender(token, author, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=mail,
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
            attached=lambda: in_json(fake.messages[-1].get("Attachments", []), "Name", "ContentType", "Content"),
        )
