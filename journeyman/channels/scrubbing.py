"""A provider's words as they may be kept: short, in one line, and without addresses."""

import re
from typing import Final

DETAIL_LIMIT: Final = 300
_ADDRESS = re.compile(r"<[^<>\s]*@[^<>\s]*>|[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=]+")
_NUMBER = re.compile(r"\+?\d{9,15}\b")


def scrub(words: str) -> str:
    """One line of at most `DETAIL_LIMIT` characters; e-mail addresses and telephone numbers are taken out."""
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return _NUMBER.sub("<number>", _ADDRESS.sub("<address>", line))[:DETAIL_LIMIT]
