"""Changes of a profile's attributes (E5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One real change of one attribute; the first value ever set is a change from None."""

    attribute: str
    old: Any
    new: Any
    at: datetime


def apply_traits(
    attributes: Mapping[str, Any], traits: Mapping[str, Any], at: datetime
) -> tuple[dict[str, Any], list[Change]]:
    """The attributes after the traits are set, and what really changed. A null removes an attribute."""
    after = dict(attributes)
    changes = []
    for name, new in traits.items():
        old = after.get(name)
        if _same(old, new):
            continue
        if new is None:
            del after[name]
        else:
            after[name] = new
        changes.append(Change(name, old, new, at))
    return after, changes


def _same(old: object, new: object) -> bool:
    """Equality of JSON values: `1` and `true` are different."""
    return old == new and isinstance(old, bool) == isinstance(new, bool)
