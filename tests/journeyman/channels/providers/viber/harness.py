"""Viber's bot API on loopback, as its documentation has it: 200 whatever happens, and a code in the body."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.ports import OutgoingChat
from journeyman.channels.providers.viber.sender import ViberSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

TOKEN, USER = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9", "01234567890A=Zq8xYw7Vu=="
FIRST = 5_741_311_803_571_721_087


def code(status: int, message: str, **headers: str) -> Says:
    return says(200, {"status": status, "status_message": message, "chat_hostname": "SN-CHAT-05_"}, **headers)


FAULTS = Faults(
    dead_address=code(6, "notSubscribed"),
    refused=code(13, "apiVersionNotSupported"),
    throttled=code(12, "tooManyRequests", retry_after="7"),
    unauthorised=code(2, "invalidAuthToken"),
)


class ViberFake(OtherSystem):
    """Takes messages of one bot."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        """The token comes in a header or, as older clients have it, in the body."""
        document = called.document
        if called.headers.get("x-viber-auth-token", document.get("auth_token")) != TOKEN:
            return FAULTS.unauthorised
        if called.path == "/pa/get_account_info":
            return says(200, {"status": 0, "status_message": "ok", "id": "pa:75346594275468546724", "name": "Shop"})
        if called.path != "/pa/send_message":
            return says(404)
        return self._take(document)

    def _take(self, message: dict[str, Any]) -> Says:
        if message["receiver"] != USER:
            return code(5, "receiverNotRegistered")
        if not message["sender"]["name"] or message["type"] not in {"text", "picture"} or "text" not in message:
            return code(4, "missingData")
        if message["type"] == "picture" and (not message.get("media") or len(message["text"]) > 768):
            return code(3, "badData")
        self.messages.append(message)
        token = FIRST + len(self.messages) - 1
        told = {"status": 0, "status_message": "ok", "message_token": token, "chat_hostname": "SN-CHAT-05_"}
        return says(200, {**told, "billing_status": 1})

    def taken(self) -> list[str]:
        return [message["tracking_data"] for message in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with ViberFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> ViberSender:
            return ViberSender(token, "Shop", SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingChat(identity, USER, "Hello Ann"),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
