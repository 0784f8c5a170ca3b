"""MessageBird's messages on loopback, as its documentation has them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.ports import OutgoingText
from journeyman.channels.providers.messagebird.sender import MessageBirdSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

KEY = "live_the access key"
CALLBACK = "https://journeyman.example/v1/callbacks/texts"


def error(status: int, code: int, description: str, parameter: str | None, **headers: str) -> Says:
    said = {"code": code, "description": description, "parameter": parameter}
    return says(status, {"errors": [said]}, **headers)


FAULTS = Faults(
    dead_address=error(422, 9, "no (correct) recipients found", "recipients"),
    refused=error(422, 10, "originator is invalid", "originator"),
    throttled=error(429, 101, "Too many requests", None, retry_after="7"),
    unauthorised=error(401, 2, "Request not allowed (incorrect access_key)", "access_key"),
)


class MessageBirdFake(OtherSystem):
    """Takes messages of one workspace."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"AccessKey {KEY}":
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/balance"):
            return says(200, {"payment": "prepaid", "type": "euros", "amount": 9.2})
        if (called.method, called.path) != ("POST", "/messages"):
            return error(404, 20, "message not found", None)
        document = called.document
        if not document.get("originator") or not document.get("body"):
            return error(422, 9, "originator is required", "originator")
        if not document.get("recipients"):
            return error(422, 9, "no (correct) recipients found", "recipients")
        self.messages.append(document)
        return says(201, self._resource(document))

    def _resource(self, document: dict[str, Any]) -> dict[str, Any]:
        recipients = document["recipients"]
        numbers = recipients if isinstance(recipients, list) else recipients.split(",")
        at = "2026-03-02T12:00:00+00:00"
        items = [{"recipient": int(number), "status": "sent", "statusDatetime": at} for number in numbers]
        given = {name: document.get(name) for name in ("originator", "body", "reference", "validity")}
        sent = {"totalCount": len(items), "totalSentCount": len(items), "items": items}
        identity = f"e8077d803532c0b5937c{len(self.messages):012}"
        more = {"direction": "mt", "type": "sms", "createdDatetime": at, "scheduledDatetime": None}
        return {"id": identity, "href": f"{self.url}/messages/{identity}", **more, **given, "recipients": sent}

    def taken(self) -> list[str]:
        return [message["reference"] for message in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with MessageBirdFake() as fake:

        def sender(key: str = KEY, timeout: float = 5) -> MessageBirdSender:
            clock = SystemClock()
            return MessageBirdSender(key, "Shop", clock, callback_url=CALLBACK, base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingText(identity, "+4915112345678", "Hello Ann"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
