"""How the brand speaks: a document of the workspace."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from journeyman.channels.content.parts import LanguageTag
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.validation import problems_of

WRITTEN = frozenset({"updated_at", "actor"})
"""What the API adds to the document."""

Phrase = Annotated[str, Field(min_length=1, max_length=100)]
Phrases = Annotated[tuple[Phrase, ...], Field(max_length=200)]


class Voice(BaseModel):
    """The brand's voice. What it forbids is checked in every proposal, whatever a model makes of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voice: Annotated[str | None, Field(min_length=1, max_length=4_000, description="How the brand speaks")] = None
    use: Annotated[Phrases, Field(description="Words that are the brand's own")] = ()
    avoid: Annotated[Phrases, Field(description="Words that no proposal may have, in any case of letters")] = ()
    forbidden_claims: Annotated[Phrases, Field(description="What may never be claimed: phrases, checked likewise")] = ()
    languages: Annotated[
        tuple[LanguageTag, ...], Field(max_length=100, description="The languages to write in; none: any")
    ] = ()
    address: Annotated[
        Mapping[LanguageTag, Literal["formal", "informal"]],
        Field(max_length=100, description="How customers are addressed, by language: `{de: informal}`"),
    ] = Field(default_factory=dict)


def read_voice(document: object) -> Voice:
    """The voice that a document describes, which may say when and by whom it was written.

    Raises `InvalidError` with a fault for everything that is wrong.
    """
    if not isinstance(document, Mapping):
        fault = Fault("", "a brand voice is a mapping", "Write `voice`, `use`, `avoid` or `forbidden_claims`")
        raise InvalidError(fault.detail, [fault])
    try:
        return Voice.model_validate({name: part for name, part in document.items() if name not in WRITTEN})
    except ValidationError as error:
        faults = [Fault(one.pointer, one.detail, one.mend) for one in problems_of(document, error)]
        raise InvalidError("this is no brand voice", faults) from None
