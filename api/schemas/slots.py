"""Slots: places on the shop's pages whose content is chosen for who is there."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from journeyman.language.document import KEY

SLOT = {
    "type": "object",
    "title": "SlotOutline",
    "description": "A slot: variants, of which the first whose condition holds is shown",
    "required": ["name", "variants"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "salt": {"type": "string", "description": "Another one draws all arms anew"},
        "variants": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["key"],
                "properties": {
                    "key": {"type": "string"},
                    "when": {"type": "object", "description": "A condition; the last variant may be without"},
                    "content": {"type": "object", "description": "title, body, url, image, buttons, data; Liquid"},
                    "arms": {"type": "array", "items": {"type": "object"}, "description": "Contents to compare"},
                },
            },
        },
    },
}
SlotKey = Annotated[str, Field(pattern=KEY, max_length=128)]


class KeptSlot(BaseModel):
    """A slot as it stands."""

    key: str
    name: str
    description: str = ""
    salt: str | None = None
    variants: list[dict[str, Any]]
    updated_at: datetime


class ContentRequest(BaseModel):
    """Which slots a page has, and what it says of itself."""

    model_config = ConfigDict(extra="forbid")

    slots: Annotated[list[SlotKey], Field(min_length=1, max_length=50)]
    context: Annotated[
        dict[str, Any], Field(max_length=50, description="For conditions and Liquid: the page, the category, …")
    ] = Field(default_factory=dict)
    customer: Annotated[
        str | None,
        Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$", description="For back ends, with a key that reads"),
    ] = None


class SlotButtonItem(BaseModel):
    """Something to press."""

    label: str
    url: str | None


class SlotContentItem(BaseModel):
    """What is shown; texts are plain."""

    title: str | None
    body: str | None
    url: str | None
    image: str | None
    buttons: list[SlotButtonItem]
    data: dict[str, str]


class ChosenContent(BaseModel):
    """What a slot shows to somebody; `experiment` is there where `variant` is one of the arms that are compared."""

    model_config = ConfigDict(from_attributes=True)

    slot: str
    variant: str
    experiment: str | None
    content: SlotContentItem


class Contents(BaseModel):
    """What each slot shows; null where it shows nothing."""

    items: dict[str, ChosenContent | None]
