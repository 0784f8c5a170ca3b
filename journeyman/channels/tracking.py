"""Signed links back to us: the open pixel, the click redirect, the unsubscribe page.

A token carries what it is about and a seal, so that nothing has to be stored, and nobody can make one. The seal is
HMAC-SHA256 over purpose and content, cut to 128 bits as RFC 2104 section 5 allows.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from journeyman.kit.errors import Fault, InvalidError

OWN_PATHS = ("t", "u", "p", "c", "l")
"""Under these nothing but this product answers at the public address."""
SECRET_LENGTH = 32
SEAL_LENGTH = 16

Purpose = Literal["o", "c", "u", "p", "confirm"]
"""Open, click, unsubscribe, preferences, confirm: the paths `/t/o/`, `/t/c/`, `/u/`, `/p/` and `/c/`."""


@dataclass(frozen=True, slots=True)
class Click:
    """A link of a message that was followed."""

    message_id: str
    url: str


class Tokens:
    """Makes and reads tokens; every process with the same secret understands them.

    Raises `ValueError` for a secret shorter than 32 characters.
    """

    def __init__(self, secret: str, public_url: str) -> None:
        if len(secret) < SECRET_LENGTH:
            raise ValueError(f"the secret that signs links needs at least {SECRET_LENGTH} characters")
        self._secret = secret.encode()
        self._public_url = public_url.rstrip("/")

    def open_url(self, message_id: str) -> str:
        """The address of the pixel that tells that a message was opened."""
        return f"{self._public_url}/t/o/{self._seal('o', message_id)}"

    def click_url(self, message_id: str, url: str) -> str:
        """The address that notes a click and leads on to `url`."""
        token = self._seal("c", f"{message_id}\n{url}")
        return f"{self._public_url}/t/c/{token}"

    def unsubscribe_url(self, message_id: str) -> str:
        """The address of the page, and of the one-click call of RFC 8058, that ends the subscription."""
        return f"{self._public_url}/u/{self._seal('u', message_id)}"

    def preferences_url(self, message_id: str) -> str:
        """The address of the page on which the reader of a message chooses what she receives."""
        return f"{self._public_url}/p/{self._seal('p', message_id)}"

    def short_url(self, code: str) -> str:
        """The address behind which a kept one stands."""
        return f"{self._public_url}/l/{code}"

    def is_ours(self, url: str) -> bool:
        """Whether an address is one of those that are made here: a click, a way out, a confirmation, a short link."""
        return any(url.startswith(f"{self._public_url}/{path}/") for path in OWN_PATHS)

    def digest(self, purpose: str, content: str) -> bytes:
        """A digest that nobody else can make."""
        return hmac.digest(self._secret, f"journeyman:{purpose}:".encode() + content.encode(), hashlib.sha256)

    def confirmation_url(self, confirmation_id: str) -> str:
        """The address of the page on which a yes is confirmed (double opt-in)."""
        return f"{self._public_url}/c/{self._seal('confirm', confirmation_id)}"

    def read_open(self, token: str) -> str:
        """The id of the opened message. Raises `InvalidError` for a token that we did not make."""
        return self._open("o", token)

    def read_click(self, token: str) -> Click:
        """The message and where its link leads. Raises `InvalidError` for a token that we did not make."""
        message_id, _, url = self._open("c", token).partition("\n")
        return Click(message_id, url)

    def read_unsubscribe(self, token: str) -> str:
        """The id of the message whose link was used. Raises `InvalidError` for a token that we did not make."""
        return self._open("u", token)

    def read_preferences(self, token: str) -> str:
        """The id of the message whose link was used. Raises `InvalidError` for a token that we did not make."""
        return self._open("p", token)

    def read_confirmation(self, token: str) -> str:
        """The id of the confirmation that a mail asks for. Raises `InvalidError` for a token that we did not make."""
        return self._open("confirm", token)

    def _seal(self, purpose: Purpose, content: str) -> str:
        raw = content.encode()
        return f"{_encode(raw)}.{_encode(self._code(purpose, raw))}"

    def _open(self, purpose: Purpose, token: str) -> str:
        content, _, seal = token.partition(".")
        try:
            raw = _decode(content)
            if hmac.compare_digest(_decode(seal), self._code(purpose, raw)):
                return raw.decode()
        except (ValueError, binascii.Error):
            pass
        fault = Fault("/token", "the link was altered or was not made here", "Follow the link exactly as it was sent")
        raise InvalidError("this link is not valid", [fault])

    def _code(self, purpose: Purpose, raw: bytes) -> bytes:
        return hmac.digest(self._secret, f"journeyman:{purpose}:".encode() + raw, hashlib.sha256)[:SEAL_LENGTH]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    if not text.isascii():
        raise ValueError("not base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
