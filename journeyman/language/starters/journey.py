"""`on: journey`: where another journey leads, or how it ends, starts a run of this one."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, StepId
from journeyman.language.starters.rules import EntryRules

STEP_REACHED: Final = "Journey Step Reached"
STEP_LEFT: Final = "Journey Step Left"
ENDED: Final = "Journey Ended"
"""The customer events by which a run tells journeys that start on it where it has come to."""


class JourneyEntry(EntryRules):
    """A run of another journey ends, or comes to a step; that run's entry is this one's, with `from` beside it.

    Without `step` it is the end that counts, with `outcome` only one of that name.
    """

    on: Literal["journey"]
    journey: Annotated[str, Field(pattern=KEY, description="The other journey's key")]
    step: Annotated[StepId | None, Field(description="A step of the other journey")] = None
    direction: Annotated[
        Literal["reached", "left"] | None, Field(description="Whether the step is reached (default) or left")
    ] = None
    outcome: Annotated[
        str | None, Field(min_length=1, max_length=64, description="Only an end with this outcome", examples=["bought"])
    ] = None

    @model_validator(mode="after")
    def _step_or_end(self) -> Self:
        if self.step is not None and self.outcome is not None:
            message = "`step` and `outcome` are two things that may happen; take one of them out"
            raise PydanticCustomError("misplaced", message, {"at": "outcome"})
        if self.direction is not None and self.step is None:
            message = "`direction` goes with `step`; add the step, or take `direction` out"
            raise PydanticCustomError("misplaced", message, {"at": "direction"})
        return self

    @property
    def event(self) -> str:
        """The event that tells of it."""
        if self.step is None:
            return ENDED
        return STEP_LEFT if self.direction == "left" else STEP_REACHED

    @property
    def events(self) -> tuple[str, ...]:
        return (self.event,)

    @property
    def says(self) -> str:
        if self.step is not None:
            return f"{self.direction or 'reached'} **{self.step}** in the journey **{self.journey}**"
        outcome = f" as **{self.outcome}**" if self.outcome is not None else ""
        return f"the end of the journey **{self.journey}**{outcome}"
