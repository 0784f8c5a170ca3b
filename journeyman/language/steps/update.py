"""`update`: the journey changes the customer's profile."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import Part, StepPart
from journeyman.language.kinds import tag
from journeyman.language.values import Reference


def _kind_of_value(value: object) -> str:
    return tag("reference" if isinstance(value, Reference) or _looks_like_reference(value) else "literal")


def _looks_like_reference(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and value.keys() <= {"entry", "context", "attribute"}


Value = Annotated[
    Annotated[Reference, Tag(tag("reference"))] | Annotated[Any, Tag(tag("literal"))],
    Discriminator(_kind_of_value),
]
"""A JSON value, or `{entry: path}`, `{context: path}`, `{attribute: path}` for what is found there."""


class Update(Part):
    """Attributes to set (null removes one; `{entry: path}` copies from the entry) and consent to record."""

    attributes: Mapping[str, Value] = Field(default_factory=dict, max_length=50)
    consent: Mapping[str, Literal["yes", "no"]] = Field(default_factory=dict, max_length=20)

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        return dict.fromkeys(("tags", "scores", "segments"), "take it out, or keep it in `attributes`")

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
        if not self.attributes and not self.consent:
            message = "this changes nothing; name at least one of `attributes` or `consent`"
            raise PydanticCustomError("nothing", message)
        return self


class UpdateStep(StepPart):
    """Changes the profile and goes on."""

    kind: ClassVar[str] = "update"
    update: Update
