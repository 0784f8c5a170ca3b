"""Addresses that are not written to."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from journeyman.language.channels import Channel

Address = Annotated[str, Field(min_length=1, max_length=320, pattern=r"^[^\x00]+$")]
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$", examples=["complaint"])]


class SuppressionWish(BaseModel):
    """An address that is not to be written to again."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel = "email"
    address: Address
    reason: Reason


class SuppressionBatch(BaseModel):
    """A list, such as another system's unsubscribed addresses and hard bounces."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel = "email"
    reason: Reason
    addresses: Annotated[list[Address], Field(min_length=1, max_length=10_000)]


class SuppressedAddress(BaseModel):
    """An address that is not written to."""

    model_config = ConfigDict(from_attributes=True)

    channel: str
    address: str | None = Field(description="Null where its person was erased, or it was never kept in the clear")
    reason: str
    since: datetime = Field(validation_alias="at")
    by: str | None = Field(validation_alias="actor", description="Who put it on the list")


class RefusedAddress(BaseModel):
    """An address that is none."""

    model_config = ConfigDict(from_attributes=True)

    index: int = Field(description="Its place in the list, counted from 0")
    detail: str


class SuppressionsTaken(BaseModel):
    """What became of a list."""

    model_config = ConfigDict(from_attributes=True)

    added: int
    known: int = Field(description="Were on the list before")
    refused: list[RefusedAddress]
