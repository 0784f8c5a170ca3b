"""Attributes: what the workspace knows of them, and how customers' have changed."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from journeyman.customers.profile.definition import AttributeEdit, AttributeType, Source


class AttributeItem(AttributeEdit):
    """An attribute as the workspace knows it."""

    model_config = ConfigDict(frozen=False, extra="ignore", from_attributes=True)

    name: str
    source: Source = Field(description="Whether its type was inferred from the first value, or edited by a person")
    first_seen_at: datetime | None = Field(description="Null where no customer has had it yet")
    updated_at: datetime
    mismatches: int = Field(description="How many changes brought a value of another type, which was kept")
    mismatched_as: AttributeType | None = Field(description="The type of the newest of those")
    mismatched_at: datetime | None = Field(description="When the newest of those came")


class AttributeChangeItem(BaseModel):
    """One change of an attribute of a customer."""

    model_config = ConfigDict(from_attributes=True)

    attribute: str
    old: Any = Field(description="Null where she did not have it")
    new: Any = Field(description="Null where it was taken away")
    at: datetime
    source: str = Field(description="The message that brought it, or the run and step that set it")
