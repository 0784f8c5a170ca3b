"""What every part of a journey document shares."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.conditions import Condition
from journeyman.language.needs import Needs
from journeyman.language.strangers import known_fields, marked

KEY = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"
"""Keys of journeys, goals and templates: lower case letters, digits and hyphens, 64 at most."""

RESERVED = frozenset({"end", "continue", "exit", "next_occurrence"})
"""Words that stand where a step id may stand, and mean something else."""

StepId = Annotated[str, Field(pattern=KEY, description="A step's id, unique in its journey", examples=["remind"])]
Target = Annotated[str, Field(pattern=KEY, description="The id of a step, or `end`", examples=["remind", "end"])]
OnTimeout = Annotated[str, Field(pattern=KEY, description="`continue`, `exit` or the id of a step")]
EventName = Annotated[str, Field(min_length=1, max_length=200, examples=["Order Completed"])]
Topic = Annotated[str, Field(pattern=KEY, description="A subscription topic; `transactional` needs no consent")]


def _check_some(value: object) -> object:
    if isinstance(value, list | tuple) and not value:
        raise PydanticCustomError("empty_list", "this list is empty; add at least one to it")
    return value


SOME = (BeforeValidator(_check_some), Field(json_schema_extra={"minItems": 1}))
"""At least one. The bound of pydantic would complain again of every bad member."""


class Part(BaseModel):
    """A part of a document: it knows all of its fields, is never changed, and names what is not there yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        """Fields that the language has and this release has not, each with its mend: refused by name, never ignored."""
        return {}

    @classmethod
    def known(cls) -> tuple[str, ...]:
        """The fields that a document may write here."""
        return known_fields(cls)

    @model_validator(mode="before")
    @classmethod
    def _mark_strangers(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        return marked(value, known_fields(cls), cls.known(), cls.not_yet())


class Lead(NamedTuple):
    """Where a step may lead: the place in the step that says so, and what it says, a step's id or a reserved word."""

    place: tuple[int | str, ...]
    target: str


class StepPart(Part):
    """The fields that every step has, and what the rest of the product asks a step of any kind."""

    kind: ClassVar[str]
    """The one field that tells what step it is."""
    takes_time: ClassVar[bool] = False
    """Whether a customer who arrives may stay, by the document alone."""
    acts: ClassVar[bool] = False
    """Whether more than the run is touched before she stays, so that arriving alone does not begin it."""

    id: StepId
    name: Annotated[str | None, Field(max_length=200, description="What people call the step")] = None
    next: Annotated[Target | None, Field(description="Where to go on; default: the step below")] = None

    @model_validator(mode="after")
    def _id_is_no_reserved_word(self) -> Self:
        if self.id in RESERVED:
            message = "`{id}` means something else and cannot be a step's id; choose another"
            raise PydanticCustomError("reserved", message, {"id": self.id, "at": "id"})
        return self

    @property
    def leads(self) -> tuple[Lead, ...]:
        """Every way out of the step that is written down, `next` first."""
        return () if self.next is None else (Lead(("next",), self.next),)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every step that this one names, `next` first, without `end`, `continue` and `exit`."""
        return tuple(lead.target for lead in self.leads if lead.target not in RESERVED)

    @property
    def falls_through(self) -> bool:
        """Whether some way out of the step is not written down, so that it leads to the step below."""
        return True

    @property
    def waits_for_certain(self) -> bool:
        """Whether everybody who arrives stays for a while: nothing that lets them pass at once can hold already."""
        return False

    @property
    def outside(self) -> str | None:
        """The party outside that taking the step asks: a message's channel. None where the step asks nobody."""
        return None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that are judged when a customer takes or leaves the step."""
        return ()

    @property
    def needs(self) -> Needs:
        """What has to be known to take or leave the step beside what its conditions read."""
        return Needs()

    @property
    def title(self) -> str:
        return self.name or self.id
