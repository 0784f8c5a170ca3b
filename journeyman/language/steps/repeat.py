"""`repeat`: back to a step, at most so often or for so long."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import RESERVED, Lead, Part, StepId, StepPart
from journeyman.language.durations import Duration

MOST_TURNS = 1000


class Repeat(Part):
    """Back to `to`, `max` times at most, and only while it is no longer than `for` since the first time here."""

    to: Annotated[StepId, Field(description="The step to go back to")]
    max: Annotated[int | None, Field(ge=1, le=MOST_TURNS, strict=True, description="How often at most")] = None
    for_: Annotated[
        Duration | None, Field(alias="for", description="How long after the first time here it still goes back")
    ] = None

    @field_validator("to")
    @classmethod
    def _to_is_a_step(cls, to: str) -> str:
        if to in RESERVED:
            raise PydanticCustomError("repeat_to", "`{to}` is no step to go back to; write a step's id", {"to": to})
        return to

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.max is None and self.for_ is None:
            message = "this would go back for ever; add `max: 3`, for example, or `for: 7d`"
            raise PydanticCustomError("endless", message)
        return self


class RepeatStep(StepPart):
    """Goes back as often as it may, then on. Once it has gone on, it counts from the beginning again."""

    kind: ClassVar[str] = "repeat"
    repeat: Repeat

    @property
    def leads(self) -> tuple[Lead, ...]:
        return (*super().leads, Lead(("repeat", "to"), self.repeat.to))
