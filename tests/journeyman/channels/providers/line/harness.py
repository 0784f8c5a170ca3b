"""LINE's Messaging API on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.ports import OutgoingChat
from journeyman.channels.providers.line.sender import LineSender, retry_key
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

TOKEN, USER = "a channel access token", "U4af4980629aabbccddeeff0011223344"
IDS = ("msg_1", "msg_2")


def error(status: int, message: str, **headers: str) -> Says:
    return says(status, {"message": message}, **headers)


NOBODY = error(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
WRONG = error(400, "The request body has 1 error(s)")
FAULTS = Faults(
    dead_address=NOBODY,
    refused=WRONG,
    throttled=error(429, "The API rate limit has been exceeded. Try again later.", retry_after="7"),
    unauthorised=error(
        401, "Authentication failed. Confirm that the access token in the authorization header is valid."
    ),
    failing=error(500, "Internal Server Error"),
)


class LineFake(OtherSystem):
    """Takes messages of one account, each retry key once."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {TOKEN}":
            return FAULTS.unauthorised
        if (called.method, called.path) == ("GET", "/v2/bot/info"):
            return says(
                200,
                {
                    "userId": USER,
                    "basicId": "@shop",
                    "displayName": "Shop",
                    "chatMode": "bot",
                    "markAsReadMode": "auto",
                },
            )
        if (called.method, called.path) != ("POST", "/v2/bot/message/push"):
            return error(404, "Not found")
        document, key = called.document, called.headers.get("x-line-retry-key", f"none {len(self.calls)}")
        if document["to"] != USER:
            return NOBODY
        if not 1 <= len(document["messages"]) <= 5:
            return WRONG
        return self._take(key, document)

    def _take(self, key: str, document: dict[str, Any]) -> Says:
        is_known = key in self.messages
        self.messages.setdefault(key, document)
        place = list(self.messages).index(key) + 1
        sent = [{"id": f"{461_230_966_842_064_000 + place * 10 + one}"} for one, _ in enumerate(document["messages"])]
        if is_known:
            told = {"message": "The retry key is already accepted", "sentMessages": sent}
            return says(
                409, told, x_line_request_id=f"call-{len(self.calls)}", x_line_accepted_request_id=f"call-{place}"
            )
        return says(200, {"sentMessages": sent}, x_line_request_id=f"call-{place}")

    def taken(self) -> list[str]:
        ours = {retry_key(identity): identity for identity in IDS}
        return [ours.get(key, key) for key in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with LineFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> LineSender:
            return LineSender(token, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingChat(identity, USER, "Hello Ann"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
