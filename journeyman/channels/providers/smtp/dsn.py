"""Mails that tell of mails: what a server could not deliver (RFC 3464, RFC 6533), and complaints (ARF, RFC 5965).

They come back to the sender of a mail, and name it by the Message-ID that `journeyman.channels.mail` gave it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from journeyman.channels.callback_bodies import news_id
from journeyman.channels.errors import AddressRejectedError
from journeyman.channels.ports import Receipt, Status
from journeyman.channels.providers.smtp.replies import as_error
from journeyman.channels.scrubbing import scrub

LARGEST: Final = 1_000_000
"""Bytes of a mail that are read: what is told stands before the mail that it is about."""
DELIVERY: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
WHOLE: Final = frozenset({"message/rfc822", "message/global"})
HEADERS: Final = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
FEEDBACK: Final[Mapping[str, Status]] = {
    "abuse": "complained",
    "fraud": "complained",
    "other": "complained",
    "opt-out": "unsubscribed",
}
"""Kinds of complaints; that something is no spam, or was not signed well, says nothing of a reader (RFC 5965, 6591)."""

_REFUSED: Final = 550
_DEFERRED: Final = 450
_OURS: Final = re.compile(r"<\s*([A-Za-z0-9._-]{1,64})@[A-Za-z0-9.-]+\s*>", re.ASCII)
_CODE: Final = re.compile(r"\b([45]\d\d)(?:[ -]|$)")
_GENERIC: Final = re.compile(r"[245]\.0\.0")
_MESSAGE_ID: Final = re.compile(r"^Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)


def read_report(mail: bytes, now: datetime) -> list[Receipt]:
    """What a mail tells of a mail of ours; nothing, where it is no report or names none of ours.

    Anybody may write such a mail, but has to know the Message-ID, which nobody can guess.
    """
    try:
        report = message_from_bytes(mail[:LARGEST])
        return list(_receipts(report, now))
    except RecursionError:
        # Parts within parts, deeper than any server writes them.
        return []


def _receipts(report: Message, now: datetime) -> Iterator[Receipt]:
    if report.get_content_type() != "multipart/report":
        yield from _plain_receipts(report, now)
        return
    parts = [part for part in report.get_payload() if isinstance(part, Message)] if report.is_multipart() else []
    blocks = [block for part in parts for block in _blocks(part)]
    original = _original(report, parts, blocks)
    if original is None:
        return
    at = _date(report, now)
    for block in blocks:
        receipt = _complaint(original, block, at) if block["feedback-type"] else _delivery(original, block, at)
        if receipt is not None:
            yield receipt


def _plain_receipts(report: Message, now: datetime) -> Iterator[Receipt]:
    """Bounces in plain words, as Exim before 4.87 writes them: it names the address in a header of its own."""
    address, content = _said(report, "x-failed-recipients"), _text(report)
    found = _MESSAGE_ID.search(content)
    original = _ours(found.group(1)) if found else None
    if not address or original is None:
        return
    told = content[: found.start()] if found else content
    yield _bounce(original, address.partition(",")[0].strip(), "", told, _date(report, now))


def _blocks(part: Message) -> Iterator[Message]:
    """Groups of fields that tell something: one of the report itself, and one of each recipient."""
    kind = part.get_content_type()
    if kind in DELIVERY:
        inner = part.get_payload()
        if kind == "message/delivery-status" and isinstance(inner, list):
            yield from (block for block in inner if isinstance(block, Message))
        else:
            yield from (message_from_string(block) for block in re.split(r"\r?\n\s*\r?\n", _text(part)))
    elif kind == "message/feedback-report":
        yield message_from_string(_text(part))


def _original(report: Message, parts: list[Message], blocks: list[Message]) -> str | None:
    """The ledger's id of the mail that is told of: from the mail itself, or from what refers to it."""
    for part in parts:
        kind, inner = part.get_content_type(), part.get_payload()
        headers: Message | None = None
        if kind in WHOLE and isinstance(inner, list) and isinstance(inner[0], Message):
            headers = inner[0]
        elif kind in HEADERS:
            headers = message_from_string(_text(part).lstrip())
        if headers is not None and (found := _ours(_said(headers, "message-id"))):
            return found
    referring = [_said(block, "x-original-message-id") for block in blocks]
    referring += [_said(report, "in-reply-to"), _said(report, "references")]
    return next((found for text in referring if (found := _ours(text))), None)


def _delivery(original: str, block: Message, at: datetime) -> Receipt | None:
    """What is told of one recipient."""
    action = _said(block, "action").partition(" ")[0].lower()
    if action == "delivered":
        return Receipt(news_id("dsn", (original, action)), "delivered", at, message_id=original)
    if action != "failed":
        # That it is late, or was handed on to a server that tells nothing, is no news (RFC 3464 section 2.3.3).
        return None
    recipient = _typed(_said(block, "original-recipient") or _said(block, "final-recipient"))
    return _bounce(original, recipient, _said(block, "status"), _typed(_said(block, "diagnostic-code")), at)


def _bounce(original: str, recipient: str, status: str, words: str, at: datetime) -> Receipt:
    """A refusal, judged by the same rules as one that the server would have made at once."""
    known = status.partition(" ")[0]
    found = _CODE.search(words)
    code = int(found.group(1)) if found else _DEFERRED if known.startswith("4") else _REFUSED
    # Without words, a status that says nothing more than no is no judgement on the address.
    silent = not found and (not known or _GENERIC.fullmatch(known) is not None)
    dead = not silent and isinstance(as_error("recipient", code, f"{words} {known}"), AddressRejectedError)
    return Receipt(
        id=news_id("dsn", (original, "bounced", recipient, known)),
        status="bounced",
        at=at,
        message_id=original,
        address=recipient if dead and "@" in recipient else None,
        permanent=dead,
        detail=scrub(f"{known} {words}"),
    )


def _complaint(original: str, block: Message, at: datetime) -> Receipt | None:
    kind = _said(block, "feedback-type").lower()
    status = FEEDBACK.get(kind)
    if status is None:
        return None
    recipient = _said(block, "original-rcpt-to").strip("<>")
    return Receipt(
        id=news_id("arf", (original, kind)),
        status=status,
        at=at,
        message_id=original,
        address=recipient if status == "complained" and "@" in recipient else None,
        detail=kind,
    )


def _said(block: Message, name: str) -> str:
    """A field's value in one line; empty where there is none."""
    return " ".join(str(block.get(name, "")).split())


def _typed(value: str) -> str:
    """What stands behind the type of a value: `rfc822; ann@example.com`, `smtp; 550 no`."""
    return value.partition(";")[2].strip() if ";" in value else value


def _text(part: Message) -> str:
    """The content of a part as text, also where the parser took it for a mail."""
    inner = part.get_payload()
    if isinstance(inner, list):
        whole = b"\n\n".join(one.as_bytes() for one in inner if isinstance(one, Message))
        return whole.decode("utf-8", "replace")
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _ours(text: str) -> str | None:
    found = _OURS.search(text)
    return found.group(1) if found else None


def _date(report: Message, now: datetime) -> datetime:
    """When the report was written; not later than now."""
    try:
        at = parsedate_to_datetime(_said(report, "date"))
    except ValueError:
        return now
    return min(now, at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
