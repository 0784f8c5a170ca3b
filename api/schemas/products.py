"""The catalogue: products in and out, what moved, and the tree of categories."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from journeyman.catalog.catalogue import MOST_AT_ONCE
from journeyman.catalog.patches import ProductPatch
from journeyman.catalog.transitions import TransitionKind

REF = "#/components/schemas/{model}"
Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""Fifteen digits: a JSON number carries them without loss."""


class ProductBatch(BaseModel):
    """Products to add or to change."""

    model_config = ConfigDict(extra="forbid")

    products: Annotated[list[ProductPatch], Field(max_length=MOST_AT_ONCE)]


class RefusedProduct(BaseModel):
    """One product of a batch that was refused."""

    index: int = Field(description="Its place in the batch, from 0")
    id: str | None
    pointer: str = Field(description="JSON Pointer (RFC 6901) into the request's body", examples=["/products/3/price"])
    detail: str
    mend: str


class UpsertedProducts(BaseModel):
    """What became of a batch."""

    success: bool = Field(description="Whether all of it is kept")
    accepted: int
    created: int
    changed: int
    unchanged: int
    transitions: int = Field(description="How many movements of price or stock were recorded")
    errors: list[RefusedProduct]


class VariantFull(BaseModel):
    """One form of a product; what is null is as with the product."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str | None
    price: Number | None
    currency: str | None
    stock: int | None
    fields: dict[str, Any]


class ProductFull(BaseModel):
    """A product as it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str | None
    price: Number | None
    currency: str | None
    compare_at_price: Number | None
    stock: int | None
    low_stock_threshold: int | None
    categories: list[str]
    url: str | None
    image_url: str | None
    replenishment_days: int | None
    fields: dict[str, Any]
    variants: list[VariantFull]
    created_at: datetime
    updated_at: datetime


class TransitionItem(BaseModel):
    """A price or a stock that moved."""

    id: int
    kind: TransitionKind
    variant: str | None = Field(description="Null for the product itself")
    old: Number
    new: Number
    amount: Number = Field(description="By how much")
    percent: Number | None = Field(description="How much of the old that is, rounded down; null where the old was 0")
    currency: str | None = Field(description="Null for stocks")
    at: datetime


class CategoryFull(BaseModel):
    """A category, with those below it."""

    model_config = ConfigDict(from_attributes=True)

    path: str
    name: str
    products: int = Field(description="Products in it and in everything below it")
    children: list["CategoryFull"]


class CategoryTree(BaseModel):
    """The tree of categories."""

    categories: list[CategoryFull]


def batch_body() -> dict[str, Any]:
    """The request body of an upsert, as OpenAPI."""
    schema = {"$ref": REF.format(model=ProductBatch.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def component_schemas() -> dict[str, Any]:
    """The schemas of what is handed in, by the names that the body refers to."""
    batch = ProductBatch.model_json_schema(ref_template=REF)
    return {**batch.pop("$defs"), ProductBatch.__name__: batch}
