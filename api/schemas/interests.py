"""Interests: what a customer looked at, wished for, put into her cart and bought."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.products import Number
from journeyman.catalog.interests.interests import InterestKind


class InterestItem(BaseModel):
    """An interest in a product."""

    product: str
    kind: InterestKind
    count: int = Field(description="How often")
    quantity: int = Field(description="How many pieces, less those taken out or given back")
    first_at: datetime
    last_at: datetime
    last_price: Number | None = Field(description="What she saw last in an event of this kind")
    currency: str | None
    last_price_at: datetime | None


class InterestOfCustomer(InterestItem):
    """A customer's interest."""

    product_name: str | None = Field(description="Null for what the catalogue does not have")


class ReferencePrice(BaseModel):
    """What a price drop is measured against."""

    model_config = ConfigDict(from_attributes=True)

    price: Number
    currency: str = Field(description="Empty where nothing told it")
    seen_at: datetime | None = Field(description="When she saw it; null where it is the product's own price")


class InterestedCustomerItem(InterestItem):
    """A customer who takes an interest in the product."""

    customer: str
    reference_price: ReferencePrice | None
