"""Templates: kept, rendered, sent as a test."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.content import EmailContent

TEMPLATE = {"$ref": "#/components/schemas/EmailContent"}


class TemplateItem(BaseModel):
    """A template in a list."""

    key: str
    channel: str
    subject: str
    hash: str = Field(description="SHA-256 of the content; a sent message keeps the one it was made from")
    updated_at: datetime


class KeptTemplate(EmailContent):
    """A template as it stands: its content, and how it is known."""

    model_config = ConfigDict(frozen=False, extra="ignore", populate_by_name=True)

    key: str
    digest: str = Field(alias="hash", description="SHA-256 of the content; a sent message keeps the one it was made of")
    updated_at: datetime


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

    to: Annotated[str, Field(max_length=320, json_schema_extra={"format": "email"})]


class Rendered(BaseModel):
    """A mail as it would be sent; its links are not tracked."""

    model_config = ConfigDict(from_attributes=True)

    subject: str
    preheader: str
    html: str | None
    text: str


class TestSent(BaseModel):
    """The mail server has taken the test."""

    model_config = ConfigDict(from_attributes=True)

    provider_message_id: str
