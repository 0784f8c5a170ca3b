"""Addresses as ad networks want them hashed: which form is hashed is what they differ in."""

import hashlib
from collections.abc import Callable
from typing import Final

from journeyman.channels.ads.ports import Keys

GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
"""Where dots and what follows a plus make no difference to who gets the mail."""


def sha256(text: str) -> str:
    """The digest in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def keys_of(
    email: str | None, phone: str | None, spell_email: Callable[[str], str], spell_phone: Callable[[str], str]
) -> Keys:
    """The keys that there are, in a network's spelling."""
    found = {}
    if email:
        found["email"] = sha256(spell_email(email))
    if phone:
        found["phone"] = sha256(spell_phone(phone))
    return found


def plain(address: str) -> str:
    """Without spaces around it, in lower case."""
    return address.strip().lower()


def without_variations(address: str) -> str:
    """As `plain`; addresses of Gmail as their owner has it: no dots, and nothing from a plus on."""
    user, _, domain = plain(address).rpartition("@")
    if domain in GMAIL:
        user = user.partition("+")[0].replace(".", "")
    return f"{user}@{domain}"


def e164(number: str) -> str:
    """With its plus, as it is stored."""
    return number


def digits(number: str) -> str:
    """Country code and number, without the plus."""
    return number.lstrip("+")
