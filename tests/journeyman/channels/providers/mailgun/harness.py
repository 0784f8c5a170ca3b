"""Mailgun's messages API on loopback, as its documentation has it."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default

from journeyman.channels.addresses import From
from journeyman.channels.providers.mailgun.sender import MailgunSender
from journeyman.kit.clock import SystemClock
from tests.journeyman.channels.providers.contract import Faults, Harness
from tests.journeyman.channels.providers.mails import attached_to, mail
from tests.parts.other_system import Called, OtherSystem, Says, says

KEY, DOMAIN = "key-1", "mg.example.com"
FAULTS = Faults(
    dead_address=says(400, {"message": "'to' parameter is not a valid address. please check documentation"}),
    refused=says(413, {"message": "Message too large"}),
    throttled=says(429, {"message": "Domain is not allowed to send: recipient limit exceeded"}, retry_after="7"),
    unauthorised=Says(401, b"Forbidden", {"content-type": "text/plain"}),
)


def fields_of(called: Called) -> dict[str, bytes]:
    """The fields of a form, files among them (RFC 7578)."""
    whole = f"Content-Type: {called.headers['content-type']}\r\n\r\n".encode() + called.body
    parts = message_from_bytes(whole, policy=default).iter_parts()
    return {str(part.get_param("name", header="content-disposition")): _content(part) for part in parts}


def _content(part: Message) -> bytes:
    if part.get_content_maintype() == "message":
        whole = part.get_payload(0)
        assert isinstance(whole, Message)
        return whole.as_bytes()
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


class MailgunFake(OtherSystem):
    """Takes messages of one domain, written out or in fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, bytes]] = []

    def answer(self, called: Called) -> Says:
        key = base64.b64encode(f"api:{KEY}".encode()).decode()
        if called.headers.get("authorization") != f"Basic {key}":
            return FAULTS.unauthorised
        if called.method != "POST" or called.path not in {f"/v3/{DOMAIN}/messages", f"/v3/{DOMAIN}/messages.mime"}:
            return says(404, {"message": "Domain not found"})
        multipart = called.headers.get("content-type", "").startswith("multipart/form-data")
        form = fields_of(called) if multipart else {}
        if "to" not in form or not form.keys() & {"message", "text", "html"}:
            return says(400, {"message": "to parameter is missing"})
        self.forms.append(form)
        return says(200, {"id": f"<{self._message_id(form)}>", "message": "Queued. Thank you."})

    def _message_id(self, form: dict[str, bytes]) -> str:
        """That of the mail where it has one."""
        written = message_from_bytes(form.get("message", b""), policy=default)["Message-ID"]
        return str(written).strip("<>") if written else f"20260302.{len(self.forms)}@{DOMAIN}"

    def taken(self) -> list[str]:
        return [form["v:journeyman_message"].decode() for form in self.forms]


@asynccontextmanager
async def opened() -> AsyncIterator[Harness]:
    async with MailgunFake() as fake:

        def sender(key: str = KEY, timeout: float = 5) -> MailgunSender:
            author = From.parse("Shop <shop@mg.example.com>")
            return MailgunSender(key, DOMAIN, author, SystemClock(), base_url=fake.url, timeout=timeout)

        yield Harness(
            fake=fake,
            sender=sender(),
            message=mail,
            taken=fake.taken,
            faults=FAULTS,
            impatient=lambda seconds: sender(timeout=seconds),
            wrong_key=lambda: sender("another"),
            attached=lambda: attached_to(fake.forms[-1]["message"]),
        )
