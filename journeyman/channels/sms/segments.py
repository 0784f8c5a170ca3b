"""How a text travels as SMS: in which alphabet, and in how many parts (3GPP TS 23.038 and 23.040)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet, each character at its code (TS 23.038 section 6.2.1)."""
EXTENDED: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
"""Characters that take an escape and a code (section 6.2.1.1)."""
ESCAPE: Final = 0x1B
_SEPTETS: Final = {ord(one): chr(code) for code, one in enumerate(BASIC) if code != ESCAPE} | {
    ord(one): chr(ESCAPE) + chr(code) for one, code in EXTENDED.items()
}
_OTHER: Final = re.compile(f"[^{re.escape(''.join(map(chr, _SEPTETS)))}]")
"""A character that neither alphabet has."""

Alphabet = Literal["gsm7", "ucs2"]
ROOM: Final[dict[Alphabet, tuple[int, int]]] = {"gsm7": (160, 153), "ucs2": (70, 67)}
"""Units that fit into one part alone, and into one of several, which carries where it belongs."""


@dataclass(frozen=True, slots=True)
class Segments:
    """The parts of a text: octets of the default alphabet, one to a septet, or UTF-16 in network order."""

    alphabet: Alphabet
    parts: tuple[bytes, ...]
    units: int
    """Septets, or 16-bit units, of all parts together."""


def segments_of(text: str) -> Segments:
    """The text in as few parts as it takes. No character is divided between two of them."""
    alphabet: Alphabet = "ucs2" if _OTHER.search(text) else "gsm7"
    width = 2 if alphabet == "ucs2" else 1
    whole = _encoded(text, alphabet)
    units = len(whole) // width
    alone, among = ROOM[alphabet]
    if units <= alone:
        return Segments(alphabet, (whole,), units)
    pieces = [_encoded(one, alphabet) for one in text]
    return Segments(alphabet, tuple(_filled(pieces, among * width)), units)


def _encoded(text: str, alphabet: Alphabet) -> bytes:
    return text.encode("utf-16-be") if alphabet == "ucs2" else text.translate(_SEPTETS).encode("latin-1")


def _filled(pieces: list[bytes], room: int) -> Iterator[bytes]:
    part = b""
    for piece in pieces:
        if len(part) + len(piece) > room:
            yield part
            part = b""
        part += piece
    yield part
