"""`activity`: any Temporal activity of the team's own, in any language, by its name and task queue."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import Lead, OnTimeout, Part, StepPart
from journeyman.language.durations import Duration
from journeyman.language.steps.call import ContextName
from journeyman.language.steps.update import Value

LONGEST: Final = timedelta(days=30)


class Activity(Part):
    """Which activity, what it is given, how long it may take and how often it is tried.

    It is given `{run, customer, journey, step, visit, input}`, and of the customer nothing but what `input` names.
    """

    name: Annotated[str, Field(min_length=1, max_length=200, description="The activity's type", examples=["ScoreLead"])]
    queue: Annotated[str, Field(min_length=1, max_length=200, description="The task queue of the team's own workers")]
    input: Annotated[
        Mapping[str, Value],
        Field(max_length=50, description="JSON values, or references; one that finds nothing is left out"),
    ] = Field(default_factory=dict)
    timeout: Annotated[Duration, Field(description="How long all of it may take, attempts and pauses included")] = (
        Duration.parse("1h")
    )
    attempt_timeout: Annotated[Duration, Field(description="How long one attempt may take")] = Duration.parse("1m")
    heartbeat: Annotated[
        Duration | None, Field(description="After so long without a heartbeat an attempt is taken for lost")
    ] = None
    attempts: Annotated[int, Field(ge=1, le=100, strict=True, description="How often it is tried at most")] = 5
    as_: Annotated[ContextName | None, Field(alias="as", description="The result becomes `context.<as>`")] = None
    on_error: Annotated[
        OnTimeout, Field(description="After the last attempt, or the timeout: `continue`, `exit` or a step (M5)")
    ] = "continue"

    @field_validator("timeout")
    @classmethod
    def _not_too_long(cls, timeout: Duration) -> Duration:
        if timeout.timedelta > LONGEST:
            raise PydanticCustomError("activity_timeout", "an activity may take 30 days at most; write `timeout: 1h`")
        return timeout

    @model_validator(mode="after")
    def _an_attempt_fits(self) -> Self:
        """An attempt that could outlast the whole is no fault of the author's who wrote only `timeout`."""
        if "attempt_timeout" in self.model_fields_set and self.attempt_timeout.timedelta > self.timeout.timedelta:
            message = "an attempt may take longer than all of them; make `attempt_timeout` shorter than `timeout`"
            raise PydanticCustomError("attempt_timeout", message, {"at": "attempt_timeout"})
        return self


class ActivityStep(StepPart):
    """Stays until the activity is done, then goes on."""

    kind: ClassVar[str] = "activity"
    takes_time: ClassVar[bool] = True
    activity: Activity

    @property
    def waits_for_certain(self) -> bool:
        return True

    @property
    def leads(self) -> tuple[Lead, ...]:
        return (*super().leads, Lead(("activity", "on_error"), self.activity.on_error))
