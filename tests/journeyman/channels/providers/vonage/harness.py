"""Vonage's Messages API on loopback, as its documentation has it."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.ports import OutgoingText
from journeyman.channels.providers.vonage.sender import VonageSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

KEY, SECRET = "abcd1234", "the account's API secret"
CALLBACK = "https://journeyman.example/v1/callbacks/texts"
ERRORS = "https://developer.vonage.com/api-errors/messages#"


def problem(status: int, code: str, title: str, detail: str, retry: str | None = None, **more: Any) -> Says:
    said = {"type": f"{ERRORS}{code}", "title": title, "detail": detail, "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"}
    return says(status, {**said, **more}, **({"retry_after": retry} if retry else {}))


FAULTS = Faults(
    dead_address=problem(
        422,
        "1020",
        "The request body did not contain valid parameters.",
        "Invalid params",
        invalid_parameters=[{"name": "to", "reason": "Must be a valid E.164 number"}],
    ),
    refused=problem(422, "1120", "Illegal sender address", "The SenderID was not accepted."),
    throttled=problem(429, "1000", "Throttled", "You have exceeded the submission capacity.", retry="7"),
    unauthorised=problem(401, "unauthorized", "You did not provide correct credentials.", "Check your credentials"),
)


class VonageFake(OtherSystem):
    """Takes messages of one account."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        key = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if called.headers.get("authorization") != f"Basic {key}":
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/account/get-balance"):
            return says(200, {"value": 10.28, "autoReload": False})
        if (called.method, called.path) != ("POST", "/v1/messages"):
            return says(404, {"type": "https://developer.vonage.com/api-errors#not-found", "title": "Not Found"})
        document = called.document
        if not {"channel", "message_type", "to", "from", "text"} <= document.keys() or not document["to"].isdecimal():
            return problem(422, "1010", "Missing params", "Your request is incomplete.")
        self.messages.append(document)
        return says(202, {"message_uuid": f"aaaaaaaa-bbbb-cccc-dddd-{len(self.messages):012}"})

    def taken(self) -> list[str]:
        return [message["client_ref"] for message in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with VonageFake() as fake:

        def sender(secret: str = SECRET, timeout: float = 5) -> VonageSender:
            where = {"base_url": fake.url, "account_url": fake.url}
            return VonageSender(
                KEY, secret, "+447700900001", SystemClock(), callback_url=CALLBACK, timeout=timeout, **where
            )

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingText(identity, "+4915112345678", "Hello Ann"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
