"""`tests` of a journey: who does what, and what the journey is to do about it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import EventName, Part, StepId
from journeyman.language.durations import Duration, Offset

OWN: Final = frozenset({"at", "event", "properties", "traits"})
"""The fields of an event that are no property of it."""


class CaseCustomer(BaseModel):
    """Who the case is about: attributes, and beside them what she agreed to."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=200)] = "customer"
    consent: tuple[str, ...] | Mapping[str, Literal["yes", "no"]] = ()

    @property
    def attributes(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

    @property
    def consents(self) -> dict[str, str]:
        """`yes` or `no` by channel or topic."""
        return dict(self.consent) if isinstance(self.consent, Mapping) else dict.fromkeys(self.consent, "yes")


class GivenAnswer(Part):
    """What another system answers to a `call` or a lookup, or an activity of the team's own comes to."""

    status: Annotated[int, Field(ge=100, le=599, strict=True, description="Of a `call` or a lookup")] = 200
    body: Annotated[Any, Field(description="JSON: the answer, or the result")] = Field(default_factory=dict)
    fails: Annotated[str | None, Field(description="There is no answer, for this reason")] = None


class Given(Part):
    """What there is before anything happens."""

    customer: CaseCustomer = CaseCustomer()
    at: Annotated[AwareDatetime | None, Field(description="When the case begins; default: 2026-03-02T09:00:00Z")] = None
    answers: Annotated[
        Mapping[StepId, GivenAnswer],
        Field(description="What other systems answer, by step; by default all is well and nothing is in it"),
    ] = Field(default_factory=dict)
    lookups: Annotated[
        Mapping[str, GivenAnswer],
        Field(description="What other systems answer to the lookups of templates, by name; by default `otherwise`"),
    ] = Field(default_factory=dict)


class CaseEvent(Part):
    """Something that the customer does, so long after the beginning; what else is written here is a property of it."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    at: Offset
    event: EventName
    properties: Mapping[str, Any] = Field(default_factory=dict)
    traits: Mapping[str, Any] = Field(default_factory=dict, description="Of an `Identified`: attributes that are set")

    @model_validator(mode="before")
    @classmethod
    def _others_are_properties(cls, value: object) -> object:
        """`{at: 0m, event: Product Added, cart_id: c1}`."""
        if not isinstance(value, dict):
            return value
        own = {key: part for key, part in value.items() if key in OWN}
        others = {key: part for key, part in value.items() if key not in OWN}
        if not others:
            return value
        return {**own, "properties": {**own.get("properties", {}), **others}}


class CaseProduct(BaseModel):
    """What the shop tells of a product, so long after the beginning; the rest is written as for `PUT /v1/products`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    at: Offset = Offset.parse("0m")

    @property
    def document(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class CaseEntry(Part):
    """A call that asks for an entry (`on: api`)."""

    at: Offset = Offset.parse("0m")
    context: Mapping[str, Any] = Field(default_factory=dict)


class ExpectedSend(Part):
    """A message that is to leave: by which step, and when, as far as that matters."""

    step: StepId
    at: Annotated[Offset | None, Field(description="So long after the beginning, to the minute")] = None
    channel: str | None = None
    template: str | None = None
    outcome: Annotated[str, Field(description="What becomes of it (M1)")] = "sent"


class Expected(Part):
    """What is to come of it; what is not named does not matter."""

    sends: Annotated[tuple[StepId | ExpectedSend, ...] | None, Field(description="Every message, in order")] = None
    outcome: Annotated[str | None, Field(description="How the last run ended; `waiting` where it has not")] = None
    entered: Annotated[bool | int | None, Field(description="Whether, or how often, the customer entered")] = None
    refused: Annotated[str | None, Field(description="Why the customer was not let in, the last time (E8)")] = None
    goals: Annotated[tuple[str, ...] | None, Field(description="The goals that were reached, in order")] = None
    steps: Annotated[tuple[StepId, ...] | None, Field(description="The steps at which the last run was")] = None
    attributes: Annotated[Mapping[str, Any] | None, Field(description="What the profile says in the end")] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            message = "this expects nothing; name at least one of `sends`, `outcome`, `entered`, `refused` or `goals`"
            raise PydanticCustomError("nothing", message)
        return self


class Case(Part):
    """One test of the journey, which runs on the production code with skipped time."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    given: Given = Given()
    events: tuple[CaseEvent, ...] = ()
    products: Annotated[
        tuple[CaseProduct, ...], Field(description="Products of the catalogue, and what changes of them")
    ] = ()
    enter: CaseEntry | None = None
    lasts: Annotated[Duration | None, Field(description="How long it is watched; default: 400 days")] = None
    expect: Expected
