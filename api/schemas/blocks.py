"""Blocks: kept, listed, and what renders them."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.ingest import REF
from journeyman.channels.content.blocks import BlockContent

BLOCK = {**BlockContent.model_json_schema(by_alias=True, ref_template=REF), "title": "BlockDocument"}


class UsedBy(BaseModel):
    """The keys of what renders a block itself."""

    templates: list[str]
    blocks: list[str]


class BlockItem(BaseModel):
    """A block in a list."""

    key: str
    hash: str = Field(description="SHA-256 of the content")
    updated_at: datetime


class _Known(BlockItem):
    used_by: UsedBy


_KNOWN = _Known.model_json_schema()
KEPT_BLOCK = {
    **BLOCK,
    "title": "KeptBlock",
    "properties": {
        **BLOCK["properties"],
        **_KNOWN["properties"],
        "used_by": UsedBy.model_json_schema(),
    },
    "required": [*BLOCK["required"], *_KNOWN["required"]],
}
