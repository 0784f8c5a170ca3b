"""`update`: the journey changes the customer's profile."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, Part, StepPart
from journeyman.language.kinds import tag
from journeyman.language.values import Name, Reference


def _kind_of_value(value: object) -> str:
    return tag("reference" if isinstance(value, Reference) or _looks_like_reference(value) else "literal")


def _looks_like_reference(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and value.keys() <= {"entry", "context", "attribute"}


Value = Annotated[
    Annotated[Reference, Tag(tag("reference"))] | Annotated[Any, Tag(tag("literal"))],
    Discriminator(_kind_of_value),
]
"""A JSON value, or `{entry: path}`, `{context: path}`, `{attribute: path}` for what is found there."""


Word = Annotated[Value, Field(description="A text, or a reference to one")]
SegmentKey = Annotated[str, Field(pattern=KEY, description="A segment that is kept by hand")]


class AddAndRemove(Part):
    """What comes to a list, and what goes from it."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set & {"add", "remove"}:
            raise PydanticCustomError("nothing", "this changes nothing; name what to `add` or to `remove`")
        return self


class Tags(AddAndRemove):
    """Words in an attribute that is a list, each there once."""

    add: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    remove: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    attribute: Annotated[Name, Field(description="The attribute that holds them")] = "tags"


class Lists(AddAndRemove):
    """Segments that are kept by hand: the customer is put on them, or taken off."""

    add: Annotated[tuple[SegmentKey, ...], Field(max_length=20)] = ()
    remove: Annotated[tuple[SegmentKey, ...], Field(max_length=20)] = ()


class Update(Part):
    """Attributes to set (null removes one; `{entry: path}` copies from the entry), tags, lists and consent."""

    attributes: Mapping[str, Value] = Field(default_factory=dict, max_length=50)
    consent: Mapping[str, Literal["yes", "no"]] = Field(default_factory=dict, max_length=20)
    tags: Annotated[Tags | None, Field(description="Words to add to a list attribute, or to take from it")] = None
    segments: Annotated[Lists | None, Field(description="Lists to put the customer on, or to take her off")] = None

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        return {"scores": "`emit` an event instead, and let the score give points for it"}

    @model_validator(mode="before")
    @classmethod
    def _yes_and_no_are_words(cls, value: object) -> object:
        """YAML 1.1 reads `yes` and `no` as booleans."""
        if isinstance(value, dict) and isinstance(value.get("consent"), dict):
            words = {True: "yes", False: "no"}
            consent = {
                subject: words[status] if isinstance(status, bool) else status
                for subject, status in value["consent"].items()
            }
            return {**value, "consent": consent}
        return value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.attributes and not self.consent and self.tags is None and self.segments is None:
            message = "this changes nothing; name at least one of `attributes`, `tags`, `segments` or `consent`"
            raise PydanticCustomError("nothing", message)
        return self


class UpdateStep(StepPart):
    """Changes the profile and goes on."""

    kind: ClassVar[str] = "update"
    update: Update
