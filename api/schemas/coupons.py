"""Coupon pools, their codes, and what became of them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.parameters import NO_NUL
from journeyman.catalog.coupons.codes import ALPHABET, LONGEST, State
from journeyman.catalog.coupons.coupons import MOST_AT_ONCE, MOST_GENERATED

POOL = {
    "type": "object",
    "title": "CouponPoolOutline",
    "description": "A coupon pool: see the component `CouponPoolDocument`",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "tiers": {"type": "array", "items": {"type": "object"}, "description": "`key` and `when`, a condition"},
        "expires": {"type": "string", "format": "date-time", "description": "From then on no code is given"},
        "alert_below": {"type": "integer", "minimum": 1, "description": "Fewer free codes than these are a warning"},
    },
}
"""A pool's document in outline, as a journey's is: conditions hold conditions."""


class CodesCounted(BaseModel):
    """How many codes are in each state."""

    free: int
    reserved: int = Field(description="Taken for a message that is on its way")
    given: int = Field(description="With a customer: her message was accepted, or may have been")
    redeemed: int = Field(description="An order has come with it")


class CouponPoolFull(BaseModel):
    """A coupon pool as it stands."""

    key: str
    name: str
    tiers: list[dict[str, Any]]
    expires: datetime | None
    alert_below: int | None
    codes: CodesCounted
    by_tier: dict[str, CodesCounted] = Field(description="The same for each tier; empty in a pool without tiers")
    created_at: datetime
    updated_at: datetime


class CouponCodeItem(BaseModel):
    """A code, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    tier: str
    state: State
    customer: str | None = Field(validation_alias="customer_id")
    run: str | None = Field(validation_alias="run_id", description="No run has two codes of a pool")
    message: str | None = Field(validation_alias="message_id", description="The message for which it was taken first")
    reserved_at: datetime | None
    given_at: datetime | None
    redeemed_at: datetime | None


class GenerateCodes(BaseModel):
    """New codes, made by chance."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, Field(ge=1, le=MOST_GENERATED)]
    pattern: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST,
            pattern=NO_NUL,
            description="`#` is a digit from 2 to 9, `*` a character of the alphabet, all else stands for itself",
            examples=["SPRING-####-****"],
        ),
    ]
    alphabet: Annotated[str, Field(min_length=2, max_length=64, pattern=NO_NUL)] = ALPHABET


class CouponCodes(BaseModel):
    """Codes that are brought, or are to be made: one of the two."""

    model_config = ConfigDict(extra="forbid")

    codes: Annotated[
        list[Annotated[str, Field(max_length=LONGEST * 2, pattern=NO_NUL)]] | None,
        Field(min_length=1, max_length=MOST_AT_ONCE),
    ] = None
    generate: GenerateCodes | None = None
    tier: Annotated[str | None, Field(max_length=64, pattern=NO_NUL, description="For pools that have tiers")] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.codes is None) == (self.generate is None):
            raise ValueError("write either `codes` or `generate`")
        return self


class CodesAdded(BaseModel):
    """What became of codes that were brought or made."""

    added: int = Field(description="New in the pool")
    known: int = Field(description="There before; they stay as they are")
    pool: CouponPoolFull
