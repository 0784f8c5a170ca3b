"""What an SMTP server's answer means for the message (RFC 5321 section 4.2, RFC 3463)."""

import re
from typing import Literal

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
)
from journeyman.channels.scrubbing import scrub

Stage = Literal["connect", "sender", "recipient", "data"]

RETRY_AFTER = 60.0
"""Seconds to wait where a server asks for a slower pace and names none."""

RETRY_LIMIT = 3600.0

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_PACE = re.compile(
    r"rate|too (?:many|much|fast|quickly)|throttl|slow ?down|quota|limit|exceeded|frequen|try again later",
    re.IGNORECASE,
)
_DELAY = re.compile(r"\b(\d{1,5})\s*(s|sec|second|min|minute|m)\w*\b", re.IGNORECASE)

_PACED = frozenset({421, 450, 451, 452})
_NO_SUCH_ADDRESS = frozenset({550, 551, 553})
_OPERATORS = frozenset({530, 534, 535, 538})
"""Authentication: the operator's to mend, so that the message is to wait for it."""


def as_error(stage: Stage, code: int, reply: str) -> SendError:
    """The error for a refusal. Its detail is the server's reply without addresses."""
    detail = f"{code} {scrub(reply)}".strip()
    if code in _PACED and _PACE.search(reply):
        return ThrottledError(detail, _delay(reply))
    if code < 500 or code in _OPERATORS:  # noqa: PLR2004 - the class of permanent failures
        return TemporaryError(detail)
    if _names_address(stage, code, reply):
        return AddressRejectedError(detail)
    return RejectedError(detail)


def _names_address(stage: Stage, code: int, reply: str) -> bool:
    """Whether the recipient's address is the reason, and not policy, the content, the sender or a full mailbox."""
    enhanced = _ENHANCED.search(reply)
    if enhanced is None:
        return stage == "recipient" and code in _NO_SUCH_ADDRESS
    subject, detail = int(enhanced.group(2)), int(enhanced.group(3))
    if subject == 1:
        # X.1.7 and X.1.8 speak of the sender's address.
        return stage != "sender" and detail not in {7, 8}
    if (subject, detail) == (2, 1):
        return stage == "recipient"
    return stage == "recipient" and code in _NO_SUCH_ADDRESS and subject in {0, 4}


def _delay(reply: str) -> float:
    found = _DELAY.search(reply)
    if found is None:
        return RETRY_AFTER
    seconds = float(found.group(1)) * (60 if found.group(2).lower().startswith("m") else 1)
    return min(max(seconds, 1.0), RETRY_LIMIT)
