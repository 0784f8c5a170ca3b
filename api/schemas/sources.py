"""Webhooks of shops and payment services."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

SourceName = Annotated[Literal["shopify", "woocommerce", "stripe"], Path(description="Who sends")]


class Taken(BaseModel):
    """What a webhook came to."""

    model_config = ConfigDict(from_attributes=True)

    events: int = Field(description="How many new events; none for what was told before, or is nothing to tell")
    products: int = Field(description="How many products were brought up to date, or taken away")
