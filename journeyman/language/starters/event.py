"""`on: event`: a customer event starts a run."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.durations import Duration
from journeyman.language.needs import Needs
from journeyman.language.starters.rules import EntryRules
from journeyman.language.triggers import EventTrigger

ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


class EventEntry(EventTrigger, EntryRules):
    """A customer event starts a run; with `count` the nth that matches, `within` a while if that is given."""

    on: Literal["event"]
    count: Annotated[
        int | None, Field(ge=1, le=1000, strict=True, description="Only the nth event that matches starts a run")
    ] = None
    within: Annotated[Duration | None, Field(description="How long the n events may be apart at most")] = None

    @model_validator(mode="after")
    def _within_needs_a_count(self) -> Self:
        if self.within is not None and self.count is None:
            message = "`within` goes with `count`; add it, such as `count: 5`, or take `within` out"
            raise PydanticCustomError("misplaced", message, {"at": "within"})
        return self

    @property
    def is_tallied(self) -> bool:
        """Whether how many events of the name there are is enough to tell which one this is."""
        return self.within is None and self.where is None and self.correlate is None

    @property
    def events(self) -> tuple[str, ...]:
        return (self.event,)

    @property
    def needs(self) -> Needs:
        if self.count is None:
            return Needs()
        window = self.within.timedelta if self.within is not None else None
        return Needs(tallied={self.event: None}) if self.is_tallied else Needs(windows={self.event: window})

    @property
    def says(self) -> str:
        if self.count is None:
            return super().says
        within = f" within {self.within}" if self.within is not None else ""
        return f"{super().says} for the {ORDINALS.get(self.count, f'{self.count}th')} time{within}"
