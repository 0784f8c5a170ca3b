"""`on: price_drop`, `back_in_stock` and `low_stock`: a product moves, for those who took an interest in it (P1-P3)."""

import re
from decimal import Decimal
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from journeyman.language.document import SOME
from journeyman.language.durations import Duration
from journeyman.language.records import MOST_TIMES, InterestKind
from journeyman.language.starters.campaign import CampaignRules

_MOST: Final = 1_000_000_000
_PERCENT: Final = re.compile("([0-9]{1,2}(?:[.][0-9]{1,2})?|100) ?%")


def _check_by(value: object) -> object:
    if isinstance(value, str):
        found = _PERCENT.fullmatch(value)
        if found is not None and Decimal(found[1]):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST:
        return value
    message = "this is neither a share nor an amount; write `10 %`, or an amount such as 20"
    raise PydanticCustomError("by", message)


By = Annotated[str | int | float, BeforeValidator(_check_by)]
Interests = Annotated[
    tuple[InterestKind, ...], *SOME, Field(max_length=4, description="Which interest in the product, any of these")
]
Within = Annotated[Duration, Field(description="How long ago at most")]


class ProductRules(CampaignRules):
    """What these starters share: whose product it is; who has bought it since is left out."""

    starter: ClassVar[Literal["price_drop", "back_in_stock", "low_stock"]]
    interest: Interests = ("viewed", "wished", "carted")
    at_least: Annotated[
        int, Field(ge=1, le=MOST_TIMES, strict=True, description="How often at least, of one of them")
    ] = 1
    within: Within = Duration.parse("30d")


class PriceDropEntry(ProductRules):
    """A price has dropped by so much from what the customer last saw, else from what it was (P1)."""

    starter: ClassVar[Literal["price_drop", "back_in_stock", "low_stock"]] = "price_drop"
    on: Literal["price_drop"]
    by: Annotated[By, Field(description="At least so many percent, or such an amount", examples=["10 %", 20])]

    def is_enough(self, reference: Decimal, price: Decimal) -> bool:
        """Whether the way from one price down to the other is long enough."""
        drop = reference - price
        if isinstance(self.by, str):
            return drop > 0 and drop * 100 >= Decimal(self.by.rstrip("% ")) * reference
        return drop >= Decimal(str(self.by))

    @property
    def says(self) -> str:
        return f"a price that dropped by {self.by}"


class BackInStockEntry(ProductRules):
    """There is some of it again after there was none; each subscription counts once (P2)."""

    starter: ClassVar[Literal["price_drop", "back_in_stock", "low_stock"]] = "back_in_stock"
    on: Literal["back_in_stock"]
    interest: Interests = ("awaited", "wished")
    within: Within = Duration.parse("90d")

    @property
    def says(self) -> str:
        return "a product that is back in stock"


class LowStockEntry(ProductRules):
    """Its stock has come down to the threshold and is not gone (P3)."""

    starter: ClassVar[Literal["price_drop", "back_in_stock", "low_stock"]] = "low_stock"
    on: Literal["low_stock"]

    @property
    def says(self) -> str:
        return "a product of which little is left"
