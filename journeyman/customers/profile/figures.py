"""Figures of events, read and added up exactly: whole millionths, so that the order of adding never shows.

Sums stop at `MOST`. That is as if it were infinity, and being reached from below only it does not ask by which way.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

UNITS: Final = 1_000_000
LARGEST: Final = 1e9
"""The largest figure that one event may bring; a larger one is taken for a mistake."""
MOST: Final = 9_000_000_000_000 * UNITS
"""Fits the 64 bits of a JSON reader's integer."""

_DECIMAL: Final = re.compile(r"\s*-?[0-9]{1,12}(?:\.[0-9]{1,12})?\s*", re.ASCII)


def read_units(value: object) -> int | None:
    """A figure in millionths: a number, or text that writes one as in `"19.99"`; None where it is neither or too large.

    Segment's clients pass on what a shop's page says, and that is often text.
    """
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value * UNITS) if -LARGEST <= value <= LARGEST else None


def first_units(document: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """The first of some figures that is one and not negative."""
    for key in keys:
        if key in document:
            units = read_units(document[key])
            if units is not None and units >= 0:
                return units
    return None


def add(one: int, other: int) -> int:
    """The sum of two that are not negative."""
    return min(one + other, MOST)


def shown(units: int, parts: int = 1) -> int | float:
    """Millionths, shared among `parts`, as a number rounded to six places; a whole one as an integer."""
    whole, rest = divmod(units, UNITS * parts)
    return round(units / (UNITS * parts), 6) if rest else whole
