"""`on: segment`: coming into a segment, or leaving it, starts a run."""

from typing import Literal

from journeyman.language.starters.rules import EntryRules
from journeyman.language.triggers import SegmentTrigger


class SegmentEntry(SegmentTrigger, EntryRules):
    """Each time somebody comes into the segment, or leaves it, a run starts; `segment` is the run's entry."""

    on: Literal["segment"]

    @property
    def events(self) -> tuple[str, ...]:
        return (self.event,)
