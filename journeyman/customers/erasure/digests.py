"""Names that may be recognised and not read: keyed digests of identifiers and addresses."""

import hmac
import re

EMAIL = "email"
PHONE = "phone"
CUSTOMER_ID = "customer_id"
"""Our own id of a profile: receipts and calls name customers by it."""
Name = tuple[str, str]
"""A kind and a value: an identifier, an address, or our own id."""

_PUNCTUATION = re.compile(r"[\s().\-/]")


def name_digest(name: Name, key: bytes) -> str:
    """HMAC-SHA256 of kind and value, in hexadecimal. Spellings of one address have one digest."""
    kind, value = name
    return hmac.digest(key, f"erased\0{kind}\0{_one_spelling(kind, value)}".encode(), "sha256").hex()


def _one_spelling(kind: str, value: str) -> str:
    if kind == EMAIL:
        return value.strip().casefold()
    return _PUNCTUATION.sub("", value) if kind == PHONE else value
