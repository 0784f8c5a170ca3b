"""What a group comes to, whatever the order in which its calls arrive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

Stated = tuple[str, Any]
"""When a trait was said, as text that sorts, and its value; None takes the trait away."""


@dataclass(slots=True)
class GroupProfile:
    """A group's traits: of each, what was said last by the time of the event; of two at once, the greater as JSON."""

    id: str
    stated: dict[str, Stated] = field(default_factory=dict)
    created_at: datetime | None = None

    def take(self, traits: Mapping[str, Any], at: datetime) -> None:
        """Learn of what was said at an instant."""
        if self.created_at is None or at < self.created_at:
            self.created_at = at
        said_at = at.astimezone(UTC).isoformat(timespec="microseconds")
        for name, value in traits.items():
            known = self.stated.get(name)
            if known is None or _rank((said_at, value)) > _rank(known):
                self.stated[name] = (said_at, value)

    @property
    def traits(self) -> dict[str, Any]:
        return {name: value for name, (_, value) in self.stated.items() if value is not None}


def _rank(stated: Stated) -> tuple[str, bytes]:
    said_at, value = stated
    return said_at, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
