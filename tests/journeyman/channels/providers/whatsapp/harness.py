"""The Cloud API's messages on loopback, as its documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman.channels.ports import ChatTemplate, OutgoingChat
from journeyman.channels.providers.whatsapp.sender import WhatsAppSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.parts.other_system import Called, OtherSystem, Says, says

NUMBER, TOKEN = "106540352242922", "a system user's token"


def error(status: int, code: int, message: str, details: str = "", **headers: str) -> Says:
    told: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    told |= {"error_data": {"messaging_product": "whatsapp", "details": details}, "fbtrace_id": "Az8or2yhqkZfEZ"}
    return says(status, {"error": told}, **headers)


FAULTS = Faults(
    dead_address=error(400, 131026, "Message undeliverable", "Message Undeliverable."),
    refused=error(404, 132001, "Template name does not exist in the translation"),
    throttled=error(400, 130429, "Rate limit hit", retry_after="7"),
    unauthorised=error(401, 190, "Error validating access token"),
    failing=error(500, 131000, "Something went wrong"),
)


class WhatsAppFake(OtherSystem):
    """Takes messages of one number."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {TOKEN}":
            return FAULTS.unauthorised
        if called.method == "GET" and called.path.startswith(f"/{NUMBER}?"):
            return says(200, {"verified_name": "Shop", "id": NUMBER})
        if (called.method, called.path) != ("POST", f"/{NUMBER}/messages"):
            return error(400, 100, "Unsupported post request")
        message = called.document
        if message["messaging_product"] != "whatsapp" or not message["to"].isdecimal():
            return error(400, 100, "Invalid parameter")
        if message["type"] not in message:
            return error(400, 131008, "Required parameter is missing")
        self.messages.append(message)
        contact = {"input": message["to"], "wa_id": message["to"]}
        sent = {"id": f"wamid.{len(self.messages)}", "message_status": "accepted"}
        return says(200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]})

    def taken(self) -> list[str]:
        return [message["biz_opaque_callback_data"] for message in self.messages]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with WhatsAppFake() as fake:

        def sender(token: str = TOKEN, timeout: float = 5) -> WhatsAppSender:
            return WhatsAppSender(NUMBER, token, SystemClock(), base_url=fake.url, timeout=timeout)

        template = ChatTemplate("order_sent", "en_US", parameters=["Ann", "42"])
        yield Harness(
            fake=fake,
            sender=sender(),
            message=lambda identity: OutgoingChat(identity, "+4915112345678", template=template),
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
        )
