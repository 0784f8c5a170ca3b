"""Whose was what, when a profile that was two people is split again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeyman.customers.attributes import apply_traits
from journeyman.customers.identifiers import ANONYMOUS_ID, USER_ID, Identifier


@dataclass(frozen=True, slots=True)
class Came:
    """A stored event with the names it came under, and the profile that it left by a merge if it came under none."""

    message_id: str
    user_id: str | None
    anonymous_id: str | None
    former_id: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """Values that attributes were given: the traits of a call, or one change that the product made itself.

    `arrived_at` and `seq` put them in the order in which they were decided.
    """

    arrived_at: datetime
    seq: int
    source: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parting:
    """The identifiers that go, and those that the profiles to which they go had ever been known as.

    `before` and `former` are empty where they go to a new profile.
    """

    gone: frozenset[Identifier]
    stay: frozenset[Identifier]
    before: frozenset[Identifier] = frozenset()
    former: frozenset[str] = frozenset()

    def takes(self, event: Came) -> bool:
        """Whether the event goes: it follows its user id, else its anonymous id, else the profile it was once of."""
        if event.user_id is not None:
            return self._takes((USER_ID, event.user_id))
        if event.anonymous_id is not None:
            return self._takes((ANONYMOUS_ID, event.anonymous_id))
        return event.former_id in self.former

    def _takes(self, name: Identifier) -> bool:
        return name in self.gone or (name not in self.stay and name in self.before)


def rebuilt(given: Iterable[Given]) -> dict[str, Any]:
    """The attributes that a profile has by what it was given, each as it was given last."""
    attributes: dict[str, Any] = {}
    for one in sorted(given, key=lambda one: (one.arrived_at, one.seq)):
        attributes, _ = apply_traits(attributes, one.values, one.arrived_at)
    return attributes


def sources_of(message_ids: Collection[str], run_ids: Collection[str]) -> set[str]:
    """The sources under which changes of attributes are on record that these events and runs made."""
    return {*message_ids, *(f"run/{run_id}" for run_id in run_ids)}
