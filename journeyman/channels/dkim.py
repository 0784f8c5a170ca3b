"""Mail signed by the domain that sends it (DKIM, RFC 6376 with RFC 8301): RSA, SHA-256, both parts relaxed.

Every header is covered that is not for the servers on the way, `List-Unsubscribe-Post` among them, without which nobody
shows a button for it (RFC 8058 section 4).
"""

import base64
import hashlib
import re
from datetime import datetime
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SHORTEST_KEY: Final = 1024
"""Bits; less is not believed by anybody (RFC 8301 section 3.2)."""
NOT_COVERED: Final = frozenset({b"return-path", b"received", b"comments", b"keywords", b"bcc", b"dkim-signature"})
ONCE: Final = (b"from", b"to", b"subject", b"date", b"reply-to")
"""Named once more than they are there, so that a second one which somebody adds breaks the signature (section 8.15)."""
_LABELS: Final = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*", re.ASCII
)
_NEXT_HEADER: Final = re.compile(rb"\r\n(?![ \t])")
_BLANKS: Final = re.compile(rb"[ \t]{2,}|\t")
_PIECE: Final = 70


class DkimSigner:
    """Signs for one domain, with the key whose public half stands under `SELECTOR._domainkey.DOMAIN`."""

    def __init__(self, domain: str, selector: str, key: str) -> None:
        """`key` is an RSA key as PEM. Raises `ValueError`, whose words never show it."""
        for name in (domain, selector):
            if not _LABELS.fullmatch(name):
                raise ValueError("domain or selector is no name of the DNS")
        self._key = private_key_of(key)
        self._domain = domain.encode()
        self._selector = selector.encode()

    def header(self, mail: bytes, at: datetime) -> bytes:
        """`DKIM-Signature` with its line end, to stand before `mail`, whose lines end in CR LF."""
        head, _, body = mail.partition(b"\r\n\r\n")
        headers = [_header(one) for one in _NEXT_HEADER.split(head) if one]
        covered = [(name, value) for name, value in headers if name not in NOT_COVERED]
        # Where a name stands more than once, it is the last that is meant first (section 5.4.2).
        covered.reverse()
        names = [name for name, _ in covered] + list(ONCE)
        digest = base64.b64encode(hashlib.sha256(_body(body)).digest())
        value = b"; ".join(
            (
                b"v=1; a=rsa-sha256; c=relaxed/relaxed",
                b"d=" + self._domain,
                b"s=" + self._selector,
                b"t=" + str(int(at.timestamp())).encode(),
                b"h=" + b": ".join(names),
                b"bh=" + digest,
                b"b=",
            )
        )
        said = b"".join(name + b":" + content + b"\r\n" for name, content in covered) + b"dkim-signature:" + value
        signature = base64.b64encode(self._key.sign(said, padding.PKCS1v15(), hashes.SHA256()))
        pieces = [signature[start : start + _PIECE] for start in range(0, len(signature), _PIECE)]
        folded = value.replace(b"; ", b";\r\n ").replace(b": ", b":\r\n ")
        return b"DKIM-Signature: " + folded + b"\r\n ".join(pieces) + b"\r\n"


def private_key_of(text: str) -> rsa.RSAPrivateKey:
    """Raises `ValueError`, whose words never show the key."""
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("it is no private key as PEM, or one with a password") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SHORTEST_KEY:
        raise ValueError(f"it is no RSA key of at least {SHORTEST_KEY} bits")
    return key


def _header(line: bytes) -> tuple[bytes, bytes]:
    """Name and value, relaxed (section 3.4.2)."""
    name, _, value = line.partition(b":")
    return name.strip(b" \t").lower(), _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _body(body: bytes) -> bytes:
    """The body, relaxed (section 3.4.4): nothing at all, or lines that end in CR LF, none of them empty at the end."""
    lines = _BLANKS.sub(b" ", body if body.endswith(b"\r\n") else body + b"\r\n").replace(b" \r\n", b"\r\n")
    end = len(lines)
    while lines.endswith(b"\r\n", 0, end):
        end -= len(b"\r\n")
    return lines[:end] + b"\r\n" if end else b""
