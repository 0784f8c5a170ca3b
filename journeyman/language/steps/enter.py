"""`enter`: into another journey, and perhaps until it is over there."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, Lead, OnTimeout, Part, StepPart, Target
from journeyman.language.durations import Duration
from journeyman.language.steps.call import ContextName
from journeyman.language.steps.update import Value

REFUSED: Final = "refused"
"""The outcome where the other journey does not let the customer in."""


class Waiting(Part):
    """How long the run waits for the other one's end, and what follows from none."""

    timeout: Annotated[Duration, Field(description="The longest wait")] = Duration.parse("365d")
    on_timeout: Annotated[OnTimeout, Field(description="`continue`, `exit` or a step")] = "continue"


def _short(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`wait: true` is a wait of at most a year, `wait: false` none."""
    return {} if value is True else None if value is False else value


class EnterInto(Part):
    """Which journey, and what it is given as its entry. The journey starts `on: api`."""

    journey: Annotated[str, Field(pattern=KEY, description="The other journey's key")]
    context: Annotated[
        Mapping[str, Value],
        Field(max_length=50, description="JSON values, or references; becomes the other run's entry"),
    ] = Field(default_factory=dict)
    wait: Annotated[
        Waiting | None,
        BeforeValidator(_short, json_schema_input_type=Waiting | Literal[True, False] | None),
        Field(description="`true`, or `{timeout: 30d}`: stay until the other run is over"),
    ] = None
    on: Annotated[
        Mapping[Annotated[str, Field(min_length=1, max_length=64)], Target],
        Field(description="Where the other run's outcome leads, or `refused`; default: on"),
    ] = Field(default_factory=dict)
    as_: Annotated[ContextName | None, Field(alias="as", description="`{outcome, run}` becomes `context.<as>`")] = None

    @model_validator(mode="after")
    def _outcomes_are_waited_for(self) -> Self:
        """Without a wait only what is known at once can lead the way."""
        if self.wait is None and (self.on or self.as_ is not None):
            message = "nothing is known of the other run's end without a wait; add `wait: true`, or take `{at}` out"
            raise PydanticCustomError("no_wait", message, {"at": "on" if self.on else "as"})
        return self


class EnterStep(StepPart):
    """Asks for the entry, waits for the other run's end if it is to, and goes on."""

    kind: ClassVar[str] = "enter"
    enter: EnterInto

    @property
    def leads(self) -> tuple[Lead, ...]:
        outcomes = tuple(Lead(("enter", "on", outcome), target) for outcome, target in self.enter.on.items())
        waiting = self.enter.wait
        late = () if waiting is None else (Lead(("enter", "wait", "on_timeout"), waiting.on_timeout),)
        return (*super().leads, *outcomes, *late)
