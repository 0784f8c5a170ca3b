"""Resend's API on loopback, as its documentation has it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.addresses import From
from journeyman.channels.providers.resend.sender import ResendSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.journeyman.channels.providers.mails import in_json, mail
from tests.parts.other_system import Called, OtherSystem, Says, says

KEY = "re_key"


def fault(status: int, name: str, message: str, **headers: str) -> Says:
    return says(status, {"statusCode": status, "name": name, "message": message}, **headers)


FAULTS = Faults(
    dead_address=fault(422, "validation_error", "Invalid `to` field. The email address needs to follow the format."),
    refused=fault(422, "missing_required_field", "Missing `subject` field."),
    throttled=fault(429, "rate_limit_exceeded", "Too many requests.", retry_after="7"),
    unauthorised=fault(403, "invalid_api_key", "API key is invalid"),
)


class ResendFake(OtherSystem):
    """Takes messages of one account, each idempotency key once."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.keys: dict[str, tuple[dict[str, Any], str]] = {}

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {KEY}":
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/domains"):
            return says(200, {"data": []})
        if (called.method, called.path) != ("POST", "/emails"):
            return fault(404, "not_found", "The requested endpoint does not exist.")
        given = called.document
        if not (given.get("from") and given.get("to") and "subject" in given):
            return fault(422, "missing_required_field", "The request body is missing one or more required fields.")
        return self._take(given, called.headers.get("idempotency-key"))

    def _take(self, given: dict[str, Any], key: str | None) -> Says:
        if key is not None and key in self.keys:
            before, identity = self.keys[key]
            if before != given:
                return fault(409, "invalid_idempotent_request", "Same key used with a different request payload.")
            return says(200, {"id": identity})
        identity = str(uuid.UUID(int=len(self.messages) + 1))
        self.messages.append(given)
        if key is not None:
            self.keys[key] = (given, identity)
        return says(200, {"id": identity})

    def taken(self) -> list[str]:
        return [given["tags"][0]["value"] for given in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with ResendFake() as fake:

        def sender(key: str = KEY, timeout: float = 5) -> ResendSender:
            author = From.parse("Shop <shop@example.com>")
            return ResendSender(key, author, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=mail,
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
            attached=lambda: in_json(fake.messages[-1].get("attachments", []), "filename", "content_type", "content"),
        )
