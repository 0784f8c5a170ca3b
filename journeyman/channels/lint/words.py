"""Words and habits that filters count against a mail; the lists stand in `spam.toml`, each with its source."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

LETTERS: Final = 8
"""A subject with fewer may be an abbreviation."""
SHARE_OF_CAPITALS: Final = 0.7
LISTS: Final = Path(__file__).with_name("spam.toml")


@cache
def lists() -> dict[str, Any]:
    """The file, read once."""
    return tomllib.loads(LISTS.read_text(encoding="utf-8"))


@cache
def shorteners() -> frozenset[str]:
    """Hosts that make addresses short for everybody."""
    return frozenset(lists()["shorteners"]["hosts"])


def spam_words(text: str) -> list[str]:
    """The phrases of the lists that stand in a text, whatever their case."""
    plain = " ".join(re.split(r"[\s,!.?:;]+", text.lower()))
    return [phrase for phrase in _phrases() if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain)]


def in_capitals(text: str) -> bool:
    """Whether most letters are capitals, of those that have both forms."""
    letters = [one for one in text if one.lower() != one.upper()]
    return len(letters) >= LETTERS and sum(one.isupper() for one in letters) > SHARE_OF_CAPITALS * len(letters)


def shouts(text: str) -> bool:
    """Whether there is more than one exclamation mark, or both kinds of marks together."""
    return text.count("!") > 1 or ("!" in text and "?" in text)


@cache
def _phrases() -> tuple[str, ...]:
    return tuple(phrase for group in lists()["phrases"].values() for phrase in group["words"])
