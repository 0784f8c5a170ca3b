"""What the contents of all channels have in common."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from journeyman.kit.database import to_json

LINE_LIMIT: Final = 500
BODY_LIMIT: Final = 131_072

Line = Annotated[str, Field(min_length=1, max_length=LINE_LIMIT)]
Body = Annotated[str, Field(min_length=1, max_length=BODY_LIMIT)]
LanguageTag = Annotated[str, Field(pattern="^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}$", max_length=35)]


class ContentVariant(BaseModel):
    """What a content is instead for those of whom `when` holds: beside `key` and `when` any fields of the content."""

    model_config = ConfigDict(frozen=True, extra="allow")

    key: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]
    when: Annotated[Mapping[str, Any], Field(description="A condition, judged at the instant of sending")]
    languages: Annotated[
        Mapping[LanguageTag, Mapping[str, Any]],
        Field(max_length=100, description="Its fields in other languages, by language"),
    ] = Field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Any]:
        """What takes the place of the content's own."""
        return dict(self.model_extra or {})


class Content(BaseModel):
    """A template's content for one channel; its texts are Liquid."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    language: Annotated[
        LanguageTag | None, Field(description="The language of what stands here (BCP 47), such as `en` or `pt-BR`")
    ] = None
    languages: Annotated[
        Mapping[LanguageTag, Mapping[str, Any]],
        Field(max_length=100, description="In other languages: fields that take the place of those here, by language"),
    ] = Field(default_factory=dict)

    variants: Annotated[
        tuple[ContentVariant, ...],
        Field(max_length=50, description="The first one whose condition holds takes the place of what stands here"),
    ] = ()

    @property
    def headline(self) -> str:
        """What lists show of it."""
        raise NotImplementedError

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every text of Liquid in it, each with its JSON pointer; those that the channel renders alone are left out."""
        yield from ()

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text of Liquid in it, with its pointer."""
        yield from self.sources()

    def given_up_for(self, given: Collection[str]) -> Collection[str]:  # noqa: ARG002 - for the contents that have any
        """The fields that do not go with those that a language has in their place."""
        return ()

    def adapted(self, language: str, given: Collection[str]) -> dict[str, Any]:  # noqa: ARG002 - as above
        """What follows from a language by itself."""
        return {}

    def document(self) -> dict[str, Any]:
        """The content as it was handed in."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)

    @property
    def hash(self) -> str:
        """SHA-256 of the content, in hexadecimal; the same content always has the same (V3)."""
        return hashlib.sha256(to_json(dict(sorted(self.document().items()))).encode()).hexdigest()
