"""The Bot API on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from journeyman.channels.ports import Button, OutgoingChat
from journeyman.channels.providers.telegram.sender import TelegramSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

TOKEN, CHAT = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11", 5823741123
BOT = {"id": 123456, "is_bot": True, "first_name": "Shop", "username": "shop_bot"}


def error(status: int, description: str, **parameters: Any) -> Says:
    told = {"ok": False, "error_code": status, "description": description}
    return says(status, {**told, "parameters": parameters} if parameters else told)


FAULTS = Faults(
    dead_address=error(403, "Forbidden: bot was blocked by the user"),
    refused=error(400, "Bad Request: message is too long"),
    throttled=error(429, "Too Many Requests: retry after 7", retry_after=7),
    unauthorised=error(401, "Unauthorized"),
    failing=error(500, "Internal Server Error: restart"),
)


def parameters_of(called: Called) -> dict[str, Any]:
    """Telegram takes JSON and forms alike."""
    if called.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(called.body.decode()))
    given: dict[str, Any] = called.document
    return given


class TelegramFake(OtherSystem):
    """Takes messages of one bot to one chat."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def answer(self, called: Called) -> Says:
        if not called.path.startswith(f"/bot{TOKEN}/"):
            return FAULTS.unauthorised
        method = called.path.rpartition("/")[2]
        if method == "getMe":
            return says(200, {"ok": True, "result": BOT})
        if method not in {"sendMessage", "sendPhoto"}:
            return error(404, "Not Found: method not found")
        return self._take(method, parameters_of(called))

    def _take(self, method: str, message: dict[str, Any]) -> Says:
        said, limit = ("text", 4_096) if method == "sendMessage" else ("caption", 1_024)
        if str(message.get("chat_id")) != str(CHAT):
            return error(400, "Bad Request: chat not found")
        if method == "sendPhoto" and not message.get("photo"):
            return error(400, "Bad Request: there is no photo in the request")
        if method == "sendMessage" and not message.get("text"):
            return error(400, "Bad Request: message text is empty")
        if len(message.get(said, "")) > limit:
            return error(400, f"Bad Request: {'message is' if said == 'text' else 'message caption is'} too long")
        self.messages.append((method, message))
        chat = {"id": CHAT, "type": "private", "first_name": "Ann"}
        taken = {"message_id": len(self.messages), "from": BOT, "chat": chat, "date": 1_441_645_532}
        return says(200, {"ok": True, "result": {**taken, "text": message.get("text", "")}})

    def taken(self) -> list[str]:
        """The id is not told to Telegram: the button of the contract's messages carries it."""
        return [one["reply_markup"]["inline_keyboard"][0][0]["callback_data"] for _, one in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with TelegramFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> TelegramSender:
            return TelegramSender(token, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingChat(
                identity, str(CHAT), "Hello Ann", buttons=[Button("Hi", id=identity)]
            ),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("123456:another"),
        )
