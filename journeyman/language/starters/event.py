"""`on: event`: a customer event starts a run."""

from collections.abc import Mapping
from typing import Literal

from journeyman.language.conditions import EventCondition
from journeyman.language.document import EventName
from journeyman.language.starters.rules import EntryRules


class EventEntry(EntryRules):
    """A customer event starts a run."""

    on: Literal["event"]
    event: EventName
    where: EventCondition | None = None

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        return dict.fromkeys(("count", "within"), "take it out, and count with an `event` condition in `audience`")
