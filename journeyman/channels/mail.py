"""A rendered message as Internet mail (RFC 5322, MIME)."""

import hashlib
import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import TYPE_CHECKING

from journeyman.channels.addresses import From, read_address
from journeyman.channels.ports import OutgoingMail

LINE_LIMIT = 998
"""Characters in a line without its end (RFC 5322 section 2.1.1)."""

PREFERRED_LENGTH = 78

_OWN = frozenset({"to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"})
_WITH_PARAMETERS = frozenset({"content-type", "content-disposition"})
_NAME = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
_LOCAL_PART = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_EOL = "\r\n"

if TYPE_CHECKING:
    _StandardPolicy = EmailPolicy[EmailMessage]
else:
    # Generic for type checkers only.
    _StandardPolicy = EmailPolicy


class _Policy(_StandardPolicy):
    """The standard policy with a folding of its own.

    Python's loses blanks between encoded words, and encodes a long word of plain ASCII, such as the address in
    `List-Unsubscribe`, which mail programs then do not recognise.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _WITH_PARAMETERS:
            # The standard one writes parameters beyond ASCII as RFC 2231 has them.
            return super().fold_binary(name, value)
        if str(value).isascii():
            return _folded(name, str(value)).encode("ascii")
        if self.utf8:
            return super().fold_binary(name, value)
        return f"{name}: {_encoded(name, value)}\r\n".encode("ascii")


def _folded(name: str, value: str) -> str:
    """The header in lines of at most 78 characters, where its blanks allow it (RFC 5322 section 2.2.3)."""
    lines = [f"{name}:"]
    for word in value.split():
        if len(lines[-1]) + 1 + len(word) > PREFERRED_LENGTH and lines[-1].strip() != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return _EOL.join(lines) + _EOL


def _encoded(name: str, value: str) -> str:
    """The value with its words beyond ASCII encoded (RFC 2047) and its lines folded."""
    addresses: tuple[Address, ...] = getattr(value, "addresses", ())
    if not addresses:
        return Header(str(value), "utf-8", header_name=name).encode(linesep=_EOL)
    return ",\r\n ".join(
        f"{Header(address.display_name, 'utf-8', header_name=name).encode(linesep=_EOL)}\r\n <{address.addr_spec}>"
        for address in addresses
    )


# Seven-bit content needs no extension of the server and survives every hop unchanged.
_ASCII = _Policy(linesep="\r\n", cte_type="7bit")
_UTF8 = _Policy(linesep="\r\n", cte_type="7bit", utf8=True)


def compose(outgoing: OutgoingMail, sender: From, at: datetime, *, utf8: bool = False) -> EmailMessage:
    """The mail of `outgoing`: text and HTML as alternatives, always with the same Message-ID for the same id.

    `utf8` writes headers as a server with SMTPUTF8 (RFC 6531) takes them, which an address beyond ASCII needs.
    A `From` among the headers takes the place of `sender`. Raises `ValueError` for addresses and headers that
    cannot be written.
    """
    author = From.parse(outgoing.headers["From"]) if "From" in outgoing.headers else sender
    message = EmailMessage(policy=_UTF8 if utf8 else _ASCII)
    message["From"] = author.header()
    message["To"] = _recipient(outgoing.to)
    message["Subject"] = " ".join(outgoing.subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(outgoing.id, author)
    for name, value in outgoing.headers.items():
        if name != "From":
            _add_header(message, name, value)
    message.set_content(_lines(outgoing.text), charset="utf-8")
    if outgoing.html is not None:
        message.add_alternative(_lines(outgoing.html), subtype="html", charset="utf-8")
    for one in outgoing.attachments:
        main, _, sub = one.content_type.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return message


def message_id(ledger_id: str, author: From) -> str:
    """`<id@domain>`: a retry carries the same, so that receivers can see that it is one mail."""
    if not _LOCAL_PART.fullmatch(ledger_id):
        ledger_id = hashlib.sha256(ledger_id.encode()).hexdigest()
    return f"<{ledger_id}@{author.domain}>"


def _recipient(address: str) -> Address:
    read = read_address(address)
    return Address(username=read.local_part, domain=read.ascii_domain)


def _add_header(message: EmailMessage, name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _OWN:
        raise ValueError(f"the header `{name}` cannot be set")
    if not value.isprintable() or len(name) + len(value) > LINE_LIMIT:
        raise ValueError(f"the header `{name}` has line breaks or is too long")
    if name.lower() == "reply-to":
        message["Reply-To"] = From.parse(value).header()
    else:
        message[name] = value


def _lines(text: str) -> str:
    """One kind of line end; a lone carriage return has no place in mail."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
