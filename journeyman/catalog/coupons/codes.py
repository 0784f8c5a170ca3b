"""Coupon codes: what one may look like, and making new ones that nobody guesses."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Final, Literal

from journeyman.kit.errors import Fault, InvalidError

State = Literal["free", "reserved", "given", "redeemed"]
STATES: Final[tuple[State, ...]] = ("free", "reserved", "given", "redeemed")
LONGEST: Final = 100
"""Characters of a code."""
DIGITS: Final = "23456789"
ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are taken for one another in print: I, L, O, 0 and 1."""
ODDS: Final = 10_000
"""How many possible codes there have to be for each that exists: who tries some at random finds none."""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code for a customer, and until when the shop takes it."""

    code: str
    expires: datetime | None = None

    def as_scope(self) -> dict[str, str | None]:
        """What a template may speak of as `coupon`."""
        return {"code": self.code, "expires": self.expires.isoformat() if self.expires is not None else None}


EXAMPLE: Final = Coupon("EXAMPLE-7K3M")
"""What stands in previews and test messages: no shop takes it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How new codes look: `#` is a digit, `*` a character of the alphabet, all else stands for itself."""

    text: str
    alphabet: str = ALPHABET

    def choices(self) -> list[str]:
        """What each character is chosen from."""
        return [{"#": DIGITS, "*": self.alphabet}.get(character, character) for character in self.text]

    @property
    def possible(self) -> int:
        """How many different codes there are."""
        return prod(len(set(choice)) for choice in self.choices())

    def make(self, count: int) -> list[str]:
        """Different new codes, made by the system's source of randomness; `possible` has to be many more."""
        choices, made = self.choices(), dict[str, None]()
        while len(made) < count:
            made["".join(secrets.choice(choice) for choice in choices)] = None
        return list(made)


def check_pattern(pattern: Pattern, total: int) -> None:
    """Raises `InvalidError` where a pattern cannot give codes, or too few for `total` of them to be hard to guess."""
    fault = None
    if not is_sound(pattern.text):
        fault = Fault("/generate/pattern", "the pattern holds blanks or signs that nobody can type", "take them out")
    elif not is_sound(pattern.alphabet):
        fault = Fault("/generate/alphabet", "the alphabet holds blanks or signs that nobody can type", "take them out")
    elif pattern.possible < total * ODDS:
        detail = f"the pattern has {pattern.possible:,} codes, too few for {total:,} that nobody guesses"
        fault = Fault("/generate/pattern", detail, "add more of `*` or `#`")
    if fault is not None:
        raise InvalidError("codes like this cannot be made", [fault])


def is_sound(code: str) -> bool:
    """Whether a code can be printed and typed: 1 to 100 characters, no blanks, none that are not seen."""
    return 0 < len(code) <= LONGEST and code.isprintable() and not any(character.isspace() for character in code)
