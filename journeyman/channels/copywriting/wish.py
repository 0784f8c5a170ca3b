"""What somebody wants written."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.content.parts import LanguageTag

FieldName = Literal["subject", "preheader", "mjml", "html", "text", "title", "body"]


class CopyWish(BaseModel):
    """Which texts of a template are to be written anew, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: Annotated[
        tuple[FieldName, ...],
        Field(max_length=7, description="Which fields; none: all. Of `html` and `mjml` the words alone"),
    ] = ()
    count: Annotated[int, Field(ge=1, le=10, description="How many proposals")] = 3
    language: Annotated[
        LanguageTag | None, Field(description="In which language; none: that of the template as it stands")
    ] = None
    limits: Annotated[
        Mapping[FieldName, Annotated[int, Field(ge=1, le=20_000)]],
        Field(description="Characters at most by field, Liquid not counted"),
    ] = Field(default_factory=dict)
    parts: Annotated[
        int | None, Field(ge=1, le=10, description="Of a text message: parts at most; none: as many as it takes now")
    ] = None
    instruction: Annotated[str, Field(max_length=2_000, description="What the proposals are to be like")] = ""


class Variant(BaseModel):
    """The variant of the template that a proposal becomes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]
    when: Annotated[Mapping[str, Any], Field(description="A condition, judged at the instant of sending")]
