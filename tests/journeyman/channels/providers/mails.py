"""What the tests of every mail provider send and read."""

import base64
import json
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

from journeyman.channels.ports import Attachment, OutgoingMail

TO = "ann@customers.example"
UNSUBSCRIBE = {
    "List-Unsubscribe": "<https://journeyman.example/u/token>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def mail(identity: str = "msg_1", **more: Any) -> OutgoingMail:
    """A mail with everything that a mail may have."""
    given = {"subject": "Grüße", "html": "<p>Hello Ann</p>", "text": "Hello Ann", "headers": UNSUBSCRIBE, **more}
    return OutgoingMail(identity, given.pop("to", TO), **given)


FILES = (
    Attachment("invoice 2026-03.pdf", "application/pdf", bytes(range(256)) * 40),
    Attachment("Größen.csv", "text/csv", "größe;preis\r\n1;2\n".encode()),
    Attachment("photo.jpg", "image/jpeg", b"\xff\xd8\xff"),
)
"""Bytes of every value, text beyond ASCII, and names that headers have to encode."""


def attached_to(mail: bytes) -> list[Attachment]:
    """The attachments of a mail as the standard library reads it."""
    return [
        Attachment(str(part.get_filename()), part.get_content_type(), _bytes(part))
        for part in message_from_bytes(mail, policy=default).iter_attachments()
    ]


def in_json(items: Sequence[Mapping[str, str]], name: str, content_type: str, content: str) -> list[Attachment]:
    """Attachments as a provider over JSON takes them, under its own words."""
    return [Attachment(one[name], one[content_type], base64.b64decode(one[content], validate=True)) for one in items]


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def fixture(test: str, name: str) -> Any:
    """A callback as the provider's documentation prints it, with our id in its place."""
    return json.loads((Path(test).parent / "fixtures" / f"{name}.json").read_text())
