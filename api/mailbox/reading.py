"""Mail as people and programs read it, however odd it is."""

import re
from email import message_from_bytes, policy
from email.message import Message
from html import unescape
from typing import Any

from journeyman.channels.plain_text import plain_text

PREVIEW_LENGTH = 140

_PREVIEW_SOURCE = 2_000
_SHOWN_URL = re.compile(r"\(?https?://\S+")
_URL = re.compile(r"""https?://[^\s<>"']+""")


class ReadMail:
    """A stored mail, read from its source. Nothing that a sender can write makes this fail."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        # The older policy reads structure five times as fast; only headers that are shown are decoded.
        self._message: Message[Any, Any] = message_from_bytes(source)

    def header(self, name: str) -> str:
        raw = next((value for given, value in self._message.raw_items() if given.lower() == name.lower()), "")
        return _decoded(name, raw)

    def headers(self) -> list[tuple[str, str]]:
        """Every header in order, decoded where it can be."""
        return [(name, _decoded(name, value)) for name, value in self._message.raw_items()]

    @property
    def html(self) -> str | None:
        return self._part("html")

    @property
    def text(self) -> str | None:
        return self._part("plain")

    @property
    def preview(self) -> str:
        """The first words."""
        text = self.text or plain_text(self.html or "")
        return " ".join(_SHOWN_URL.sub("", text[:_PREVIEW_SOURCE]).split())[:PREVIEW_LENGTH]

    def attachments(self) -> list[str]:
        """The names of attached files."""
        return [part.get_filename() or "unnamed" for part in self._message.walk() if _is_attachment(part)]

    def links(self) -> list[str]:
        """Every web address of both parts, in order, once each."""
        found = _URL.findall(unescape(self.html or "")) + _URL.findall(self.text or "")
        return list(dict.fromkeys(url.rstrip(".,;:!?)") for url in found))

    def _part(self, subtype: str) -> str | None:
        for part in self._message.walk():
            if part.get_content_type() == f"text/{subtype}" and not _is_attachment(part):
                return _content(part).replace("\r\n", "\n")
        return None


def _content(part: "Message[Any, Any]") -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(payload)
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _is_attachment(part: "Message[Any, Any]") -> bool:
    return not part.is_multipart() and part.get_content_disposition() == "attachment"


def _decoded(name: str, raw: str) -> str:
    # Headers may be UTF-8 as they stand (RFC 6532); the parser keeps such bytes as surrogates.
    value = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        _, decoded = policy.default.header_source_parse([f"{name}: {value}"])
        return " ".join(str(policy.default.header_fetch_parse(name, decoded)).split())
    except Exception:  # noqa: BLE001 - Python's parser fails in many ways on headers that are none
        return " ".join(value.split())
