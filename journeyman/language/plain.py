"""What a document may be made of: what JSON holds (RFC 8259), and what both databases can keep of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from journeyman.language.paths import is_surrogate
from journeyman.language.values import LARGEST

DEEPEST: Final = 64
"""How deep lists and mappings may stand in one another."""

Place = tuple[int | str, ...]


def foreign(value: object, place: Place = ()) -> Iterator[tuple[Place, str, str]]:
    """Everything in `value` that cannot be kept: where it is, what is wrong, and the mend."""
    if len(place) > DEEPEST:
        yield place, "this stands too deep in lists and mappings, or in itself", "make the document flatter"
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(key, str) and _is_writable(key):
                yield from foreign(part, (*place, key))
            else:
                yield place, "a field's name here is no plain text", "write the name as text, in quotes if need be"
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from foreign(part, (*place, index))
    else:
        yield from _foreign_scalar(value, place)


def _foreign_scalar(value: object, place: Place) -> Iterator[tuple[Place, str, str]]:
    if isinstance(value, str):
        if not _is_writable(value):
            yield place, "this text holds a character that is none", "take out NUL and half surrogates"
    elif isinstance(value, float):
        if value - value != 0:
            yield place, "this is infinite, or not a number at all", "write a number"
    elif isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            yield place, "this number does not fit 64 bits", "write a smaller one, or text"
    # PyYAML reads an unquoted instant as one; the field that takes it says whether it may stand there.
    elif not isinstance(value, datetime | None):
        yield place, "this is nothing that JSON can hold", "write text, a number, true, false, a list or a mapping"


def _is_writable(text: str) -> bool:
    return not any(character == "\0" or is_surrogate(character) for character in text)
