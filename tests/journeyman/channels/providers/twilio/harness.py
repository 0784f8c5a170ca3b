"""Twilio's Messages resource on loopback, as its documentation has it."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from journeyman.channels.ports import OutgoingText
from journeyman.channels.providers.twilio.sender import TwilioSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the account's auth token"
CALLBACK = "https://journeyman.example/v1/callbacks/texts"
FAULTS = Faults(
    dead_address=says(400, {"code": 21211, "message": "Invalid 'To' Phone Number: +4915112345", "status": 400}),
    refused=says(400, {"code": 21617, "message": "The message body exceeds the 1600 character limit", "status": 400}),
    throttled=says(429, {"code": 20429, "message": "Too Many Requests", "status": 429}, retry_after="7"),
    unauthorised=says(401, {"code": 20003, "message": "Authenticate", "status": 401}),
)


class TwilioFake(OtherSystem):
    """Takes messages of one account."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, str]] = []

    def answer(self, called: Called) -> Says:
        key = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if called.headers.get("authorization") != f"Basic {key}":
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", f"/2010-04-01/Accounts/{ACCOUNT}.json"):
            return says(200, {"sid": ACCOUNT, "status": "active"})
        if (called.method, called.path) != ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"):
            return says(404, {"code": 20404, "message": "not found", "status": 404})
        form = dict(parse_qsl(called.body.decode()))
        if not form.get("To") or not form.get("Body") or not (form.get("From") or form.get("MessagingServiceSid")):
            return says(400, {"code": 21604, "message": "a field is missing", "status": 400})
        self.messages.append(form)
        return says(201, self._resource(form))

    def _resource(self, form: dict[str, str]) -> dict[str, Any]:
        sid = f"SM{len(self.messages):032x}"
        return {"sid": sid, "status": "queued", "num_segments": "1", "to": form["To"], "body": form["Body"]}

    def taken(self) -> list[str]:
        return [parse_qs(urlsplit(form["StatusCallback"]).query)["message"][0] for form in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with TwilioFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> TwilioSender:
            return TwilioSender(
                ACCOUNT, token, "+15005550006", SystemClock(), callback_url=CALLBACK, base_url=fake.url, timeout=timeout
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
