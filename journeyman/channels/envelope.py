"""What mail providers over HTTP are told of a mail: who writes, to whom, and with which headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.channels.addresses import From, read_address
from journeyman.channels.errors import AddressRejectedError, RejectedError
from journeyman.channels.mail import LINE_LIMIT, compose
from journeyman.channels.ports import OutgoingMail
from journeyman.channels.scrubbing import scrub

NAME: Final = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
OWN: Final = frozenset(
    {"to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"}
)
"""Headers that the provider writes itself, or that would add recipients."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail's head, checked: `author`, `to` and `reply_to` with their domains in ASCII, `headers` without them."""

    author: From
    to: str
    subject: str
    reply_to: From | None
    headers: Mapping[str, str]


def envelope(message: OutgoingMail, sender: From) -> Envelope:
    """The head of `message`; a `From` among its headers takes the place of `sender`.

    Raises `AddressRejectedError` for a recipient that is no address, and `RejectedError` for headers that cannot be
    written.
    """
    given = {name.lower(): value for name, value in message.headers.items()}
    recipient = _recipient(message.to)
    try:
        author = From.parse(given["from"]) if "from" in given else sender
        reply_to = From.parse(given["reply-to"]) if "reply-to" in given else None
        others = {name: value for name, value in message.headers.items() if name.lower() not in {"from", "reply-to"}}
        for name, value in others.items():
            _check(name, value)
    except ValueError as error:
        raise RejectedError(f"the message cannot be written: {scrub(str(error))}") from error
    return Envelope(author, recipient, " ".join(message.subject.split()), reply_to, others)


def written(message: OutgoingMail, sender: From, at: datetime) -> bytes:
    """The whole mail as RFC 5322 has it, for providers that take it so. Raises as `envelope`."""
    _recipient(message.to)
    try:
        return compose(message, sender, at).as_bytes()
    except ValueError as error:
        raise RejectedError(f"the message cannot be written: {scrub(str(error))}") from error


def header_of(address: From) -> str:
    """`Name <address>` with the name quoted where that is needed, and the domain in ASCII."""
    return str(address.header())


def address_of(address: From) -> str:
    """The bare address, its domain in ASCII."""
    return address.header().addr_spec


def _recipient(address: str) -> str:
    try:
        read = read_address(address)
    except ValueError as error:
        raise AddressRejectedError("the address is no e-mail address") from error
    return f"{read.local_part}@{read.ascii_domain}"


def _check(name: str, value: str) -> None:
    if not NAME.fullmatch(name) or name.lower() in OWN:
        raise ValueError(f"the header `{name}` cannot be set")
    if not value.isprintable() or len(name) + len(value) > LINE_LIMIT:
        raise ValueError(f"the header `{name}` has line breaks or is too long")
