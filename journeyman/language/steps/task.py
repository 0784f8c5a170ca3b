"""`task`: work for a person, whose answer leads the way."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import SOME, Lead, OnTimeout, Part, StepPart, Target
from journeyman.language.durations import Duration
from journeyman.language.steps.call import ContextName

Choice = Annotated[str, Field(min_length=1, max_length=64, examples=["reached"])]


class Task(Part):
    """What is to be done, by whom, what may come of it, and how long the run waits. Texts are Liquid."""

    title: Annotated[str, Field(min_length=1, max_length=500, examples=["Call {{ customer.name }}"])]
    details: Annotated[str | None, Field(max_length=10_000)] = None
    team: Annotated[str | None, Field(min_length=1, max_length=100, description="Whose task it is")] = None
    choices: Annotated[tuple[Choice, ...], Field(max_length=20, description="What may be answered"), *SOME] = ("done",)
    due: Annotated[Duration | None, Field(description="After so long it should be done")] = None
    timeout: Annotated[Duration, Field(description="After so long the run goes on without an answer")]
    on: Annotated[Mapping[Choice, Target], Field(description="Where an answer leads; default: on")] = Field(
        default_factory=dict
    )
    on_timeout: Annotated[OnTimeout, Field(description="`continue`, `exit` or a step")] = "continue"
    as_: Annotated[ContextName | None, Field(alias="as", description="The answer becomes `context.<as>`")] = None

    @model_validator(mode="after")
    def _answers_are_choices(self) -> Self:
        strange = next((answer for answer in self.on if answer not in self.choices), None)
        if strange is not None:
            message = "`{answer}` is none of the `choices`; add it to them, or take it out"
            raise PydanticCustomError("no_choice", message, {"answer": strange, "at": "on"})
        if self.due is not None and self.due.timedelta > self.timeout.timedelta:
            message = "it is due after the run has gone on; make `due` no longer than `timeout`"
            raise PydanticCustomError("due", message, {"at": "due"})
        return self


class TaskStep(StepPart):
    """Stays until somebody has answered."""

    kind: ClassVar[str] = "task"
    takes_time: ClassVar[bool] = True
    acts: ClassVar[bool] = True
    task: Task

    @property
    def waits_for_certain(self) -> bool:
        return True

    @property
    def leads(self) -> tuple[Lead, ...]:
        answers = tuple(Lead(("task", "on", answer), target) for answer, target in self.task.on.items())
        return (*super().leads, *answers, Lead(("task", "on_timeout"), self.task.on_timeout))
