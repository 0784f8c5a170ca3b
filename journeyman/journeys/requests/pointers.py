"""Places in JSON documents, as JSON Pointers name them (RFC 6901)."""

from collections.abc import Mapping, Sequence


def pointed(document: object, pointer: str) -> object:
    """What a pointer names in a document; None where there is nothing."""
    found = document
    for written in pointer.split("/")[1:]:
        key = written.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, Sequence) and not isinstance(found, str):
            found = found[int(key)] if _is_index(key) and int(key) < len(found) else None
        else:
            return None
    return found


def _is_index(key: str) -> bool:
    """Whether it is an index without leading zeros (RFC 6901, 4)."""
    return key.isascii() and key.isdecimal() and len(key) < 10 and str(int(key)) == key  # noqa: PLR2004 - no overflow
