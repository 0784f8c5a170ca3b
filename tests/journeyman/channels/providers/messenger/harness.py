"""Messenger's Send API on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.ports import OutgoingChat
from journeyman.channels.providers.messenger.sender import MessengerSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

TOKEN, USER = "the page's access token", "1254459154682919"


def error(status: int, code: int, message: str, subcode: int | None = None, **headers: str) -> Says:
    told: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    told |= {"fbtrace_id": "BLBz/WZt8dN"} | ({"error_subcode": subcode} if subcode else {})
    return says(status, {"error": told}, **headers)


NOBODY = error(400, 100, "No matching user found", 2018001)
FAULTS = Faults(
    dead_address=NOBODY,
    refused=error(400, 100, "Length of param message[text] must be less than or equal to 2000"),
    throttled=error(400, 613, "Calls to this API have exceeded the rate limit", retry_after="7"),
    unauthorised=error(400, 190, "Invalid OAuth access token."),
    failing=error(500, 1200, "Temporary send message failure. Please try again later."),
)


class MessengerFake(OtherSystem):
    """Takes messages of one page to one person."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {TOKEN}":
            return FAULTS.unauthorised
        if called.method == "GET" and called.path.startswith("/me?"):
            return says(200, {"id": "682498302938465"})
        if (called.method, called.path) != ("POST", "/me/messages"):
            return error(400, 100, "Unsupported post request")
        return self._take(called.document)

    def _take(self, document: dict[str, Any]) -> Says:
        message = document["message"]
        if document["recipient"] != {"id": USER}:
            return NOBODY
        if document["messaging_type"] not in {"RESPONSE", "UPDATE"} or ("text" in message) is ("attachment" in message):
            return error(400, 100, "Invalid parameter")
        self.messages.append(message)
        return says(
            200,
            {
                "recipient_id": USER,
                "message_id": f"m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjf{len(self.messages)}",
            },
        )

    def taken(self) -> list[str]:
        return [message["metadata"] for message in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with MessengerFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> MessengerSender:
            return MessengerSender(token, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingChat(identity, USER, "Hello Ann"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
