"""Which of our languages somebody reads."""

import re
from collections.abc import Mapping
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


def spoken_by(attributes: Mapping[str, Any]) -> str:
    """The language that a customer's profile tells, else English."""
    told = (str(attributes[name]) for name in ATTRIBUTES if attributes.get(name))
    primary = (re.split(r"[-_]", one.strip().lower(), maxsplit=1)[0] for one in told)
    return next((one for one in primary if one in PHRASES), ENGLISH)


def phrases(language: str) -> Phrases:
    """What we say in a language; English where it is none of ours."""
    return PHRASES.get(language, PHRASES[ENGLISH])
