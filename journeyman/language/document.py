"""What every part of a journey document shares."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

KEY = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"
"""Keys of journeys, goals and templates: lower case letters, digits and hyphens, 64 at most."""

RESERVED = frozenset({"end", "continue", "exit"})
"""Words that stand where a step id may stand, and mean something else."""

StepId = Annotated[str, Field(pattern=KEY, description="A step's id, unique in its journey", examples=["remind"])]
Target = Annotated[str, Field(pattern=KEY, description="The id of a step, or `end`", examples=["remind", "end"])]
OnTimeout = Annotated[str, Field(pattern=KEY, description="`continue`, `exit` or the id of a step")]
EventName = Annotated[str, Field(min_length=1, max_length=200, examples=["Order Completed"])]
Topic = Annotated[str, Field(pattern=KEY, description="A subscription topic; `transactional` needs no consent")]


class Part(BaseModel):
    """A part of a document: it knows all of its fields, is never changed, and names what is not there yet."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @classmethod
    def not_yet(cls) -> frozenset[str]:
        """Fields that the language has and this release has not: they are refused by name, never ignored."""
        return frozenset()

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_is_not_there_yet(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            for field in cls.not_yet() & value.keys():
                raise PydanticCustomError(
                    "not_yet",
                    "`{field}` is not available yet; take it out",
                    {"field": field},
                )
        return value


class StepPart(Part):
    """The fields that every step has."""

    id: StepId
    name: Annotated[str | None, Field(max_length=200, description="What people call the step")] = None
    next: Annotated[Target | None, Field(description="Where to go on; default: the step below")] = None

    @model_validator(mode="after")
    def _id_is_no_reserved_word(self) -> Self:
        if self.id in RESERVED:
            raise PydanticCustomError("reserved", "`{id}` cannot be a step's id; choose another", {"id": self.id})
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        """Every step that this one names, in the order of the document, without `end`, `continue` and `exit`."""
        return () if self.next is None or self.next in RESERVED else (self.next,)

    @property
    def title(self) -> str:
        return self.name or self.id
