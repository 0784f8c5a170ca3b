"""Which of our languages somebody reads."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from journeyman.channels.phrases import PHRASES, Phrases

ENGLISH: Final = "en"
ATTRIBUTES: Final = ("language", "locale")
"""Attributes of a profile that tell a customer's language, as `de`, `de-AT` or `de_AT`."""

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:[-_][\w-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*", re.ASCII)


def negotiated(accept_language: str) -> str:
    """The best of our languages for an `Accept-Language` header (RFC 9110 section 12.5.4), else English.

    A range stands for all its regions: `de-AT` is read as `de`.
    """
    wanted = [
        (float(found.group(2) or 1), -place, found.group(1).lower())
        for place, part in enumerate(accept_language[:500].split(","))
        if (found := _RANGE.fullmatch(part))
    ]
    accepted = sorted(((weight, place, one) for weight, place, one in wanted if weight > 0), reverse=True)
    return next((one for _, _, one in accepted if one in PHRASES), ENGLISH)


def told_by(attributes: Mapping[str, Any]) -> list[str]:
    """The languages that a customer's profile tells, the best first."""
    return [str(attributes[name]) for name in ATTRIBUTES if attributes.get(name)]


def spoken_by(attributes: Mapping[str, Any]) -> str:
    """The one of our languages that a customer's profile tells, else English."""
    return among_ours(told_by(attributes))


def among_ours(told: Iterable[str]) -> str:
    """The first of these languages that is one of ours, whatever its region, else English."""
    primary = (normal(one).split("-", maxsplit=1)[0] for one in told)
    return next((one for one in primary if one in PHRASES), ENGLISH)


def looked_up(wanted: Iterable[str], offered: Sequence[str]) -> str | None:
    """The one of `offered` that fits the first of `wanted` for which any does: the look-up of RFC 4647 section 3.4.

    `de-AT` finds `de`, but `de` does not find `de-AT`. Letter case does not matter, and `_` counts as `-`.
    """
    known = {normal(tag): tag for tag in offered}
    for tag in wanted:
        parts = normal(tag).split("-")
        while parts:
            if (found := known.get("-".join(parts))) is not None:
                return found
            parts.pop()
            while parts and len(parts[-1]) == 1:
                parts.pop()
    return None


def normal(tag: str) -> str:
    """A language tag as two can be compared: letter case does not matter, and `_` counts as `-`."""
    return tag.strip().replace("_", "-").lower()


def phrases(language: str) -> Phrases:
    """What we say in a language; English where it is none of ours."""
    return PHRASES.get(language, PHRASES[ENGLISH])
