"""Templates: kept, rendered, sent as a test."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.schemas.ingest import REF
from journeyman.channels.content.every import CONTENTS, TemplateContent

TEMPLATE = {"$ref": "#/components/schemas/TemplateContent"}


class TemplateItem(BaseModel):
    """A template in a list."""

    key: str
    channel: str
    subject: str
    hash: str = Field(description="SHA-256 of the content; a sent message keeps the one it was made from")
    updated_at: datetime


class TemplateVersion(BaseModel):
    """What a template was from an instant on."""

    number: int
    hash: str = Field(description="SHA-256 of the content")
    at: datetime
    actor: str | None = Field(description="Who wrote it, as far as a key tells")


class TemplateVersions(BaseModel):
    """The newest first."""

    items: list[TemplateVersion]


class TemplateUses(BaseModel):
    """What a template with its blocks reads, by name."""

    customer: list[str]
    event: list[str]
    entry: list[str]
    context: list[str]
    blocks: list[str]
    coupon: bool
    lookups: list[str] = Field(description="What it asks other systems for")


class Kept(BaseModel):
    """How a template is known that is kept."""

    key: str
    digest: str = Field(alias="hash", description="SHA-256 of the content; a sent message keeps the one it was made of")
    updated_at: datetime


def component_schemas() -> dict[str, Any]:
    """The contents of all channels, told apart by `channel`, and a template that is kept."""
    contents: TypeAdapter[TemplateContent] = TypeAdapter(TemplateContent)
    named = contents.json_schema(by_alias=True, ref_template=REF).pop("$defs")
    several = list(dict.fromkeys(REF.format(model=content.__name__) for content in CONTENTS.values()))
    content = {"anyOf": [{"$ref": ref} for ref in several], "title": "TemplateContent"}
    kept = Kept.model_json_schema(by_alias=True, ref_template=REF)
    kept["properties"]["uses"] = TemplateUses.model_json_schema()
    contained = {content.__name__: _with(named[content.__name__], kept) for content in CONTENTS.values()}
    both = {"anyOf": list(contained.values()), "title": "KeptTemplate"}
    return {**named, "TemplateContent": content, "KeptTemplate": both}


def _with(content: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """A content's schema with how a template is known."""
    return {
        **content,
        "title": f"Kept{content['title']}",
        "properties": {**content["properties"], **kept["properties"]},
        "required": [*content["required"], *kept["required"]],
    }


class RenderRequest(BaseModel):
    """What the template is to speak of."""

    model_config = ConfigDict(extra="forbid")

    customer: dict[str, Any] | Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$")] = Field(
        default_factory=dict, description="Attributes of a sample customer, or the id of a real one"
    )
    entry: dict[str, Any] = Field(default_factory=dict)
    event: dict[str, Any] = Field(default_factory=dict)
    context: dict[str, Any] = Field(default_factory=dict)
    journey: dict[str, Any] = Field(default_factory=dict)


class TestSendRequest(RenderRequest):
    """As rendering, and where to."""

    to: Annotated[str, Field(max_length=4096, description="An address of the template's channel")]


class TemplateFindingItem(BaseModel):
    """Something worth a second look."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    pointer: str = Field(description="Into the template (RFC 6901)")
    detail: str
    mend: str


class TemplateFindings(BaseModel):
    """In the order of the template's fields."""

    items: list[TemplateFindingItem]


class Rendered(BaseModel):
    """A message as it would be sent; its links are not tracked."""

    model_config = ConfigDict(from_attributes=True)

    channel: str
    subject: str = Field(description="Of a mail; the title of a notification")
    preheader: str
    html: str | None
    text: str
    variant: str | None = Field(description="The variant that was chosen; null for the template itself")
    language: str | None = Field(description="The language that was chosen; null where the template names none")
    message: dict[str, Any] | None = Field(description="All of it, but for mail")
    findings: list[TemplateFindingItem] = Field(description="What is worth a second look; nothing of it is an error")


class TestSent(BaseModel):
    """The provider has taken the test."""

    model_config = ConfigDict(from_attributes=True)

    provider_message_id: str
