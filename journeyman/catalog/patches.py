"""What somebody hands in of a product: only the fields that are given change, null clears one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from journeyman.catalog import amounts
from journeyman.catalog.categories import read_path
from journeyman.catalog.currencies import CURRENCIES
from journeyman.catalog.errors import ProductRefusedError
from journeyman.catalog.own_fields import clean_fields, clean_text
from journeyman.kit.errors import Fault

MOST_STOCK = 10**9
MOST_VARIANTS = 500
MOST_CATEGORIES = 50

_MENDS = {
    "missing": "Add the field.",
    "extra_forbidden": "Leave it out, or put what is the shop's own under `fields`.",
    "category": "Write a path such as `Shoes/Running`.",
    "currency": "Use an ISO 4217 code such as EUR.",
    "own_fields": "Keep less under `fields`.",
    "decimal_max_places": f"Round it to {amounts.PLACES} places.",
    "string_pattern_mismatch": "Write an address that begins with https:// or http://.",
    "string_too_long": "Shorten it.",
    "too_long": "Send fewer.",
    "model_type": "Send a JSON object.",
}


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number", "true and false are no numbers")
    return value


def _currency(text: str) -> str:
    if text.upper() not in CURRENCIES:
        raise PydanticCustomError("currency", "there is no such currency")
    return text.upper()


def _category(text: str) -> str:
    try:
        return read_path(text)
    except ValueError as error:
        raise PydanticCustomError("category", "{reason}", {"reason": str(error)}) from None


def _own_fields(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        return clean_fields(fields)
    except ValueError as error:
        raise PydanticCustomError("own_fields", "{reason}", {"reason": str(error)}) from None


Text = Annotated[str, AfterValidator(clean_text)]
Id = Annotated[Text, Field(min_length=1, max_length=256)]
Address = Annotated[Text, Field(max_length=2048, pattern=r"^(?i:https?)://\S+$")]
Whole = Annotated[int, BeforeValidator(_no_truth), Field(ge=-MOST_STOCK, le=MOST_STOCK)]
Price = Annotated[
    Decimal,
    BeforeValidator(_no_truth),
    Field(ge=0, max_digits=amounts.DIGITS, decimal_places=amounts.PLACES),
]
Currency = Annotated[str, AfterValidator(_currency)]
OwnFields = Annotated[dict[str, Any], AfterValidator(_own_fields)]
Category = Annotated[Text, AfterValidator(_category)]


class _Patch(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)

    def given(self) -> dict[str, Any]:
        """The fields that were handed in, null among them, without the id."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"id"}}


class VariantPatch(_Patch):
    """One form of a product, such as a size or a colour."""

    id: Annotated[Id, Field(description="Tells it from the product's other variants")]
    title: Annotated[Annotated[Text, Field(max_length=500)] | None, Field(description="Such as `42, blue`")] = None
    price: Annotated[Price | None, Field(description="Where it differs from the product's")] = None
    currency: Annotated[Currency | None, Field(description="ISO 4217; the product's where there is none")] = None
    stock: Annotated[Whole | None, Field(description="Pieces there are; below 0 is oversold")] = None
    fields: Annotated[OwnFields | None, Field(description="The shop's own, replaced as a whole")] = None
    deleted: Annotated[bool, Field(description="Take the variant away")] = False


class ProductPatch(_Patch):
    """A product, or some of its fields: what is absent stays as it is, null clears it."""

    id: Annotated[Id, Field(description="What events call `product_id`: the shop's SKU")]
    name: Annotated[Annotated[Text, Field(max_length=500)] | None, Field(description="What customers read")] = None
    price: Annotated[Price | None, Field(description="What it costs now; up to 4 places")] = None
    currency: Annotated[Currency | None, Field(description="ISO 4217; a price needs one")] = None
    compare_at_price: Annotated[Price | None, Field(description="The price that is struck through")] = None
    stock: Annotated[
        Whole | None,
        Field(description="Pieces there are; null is unknown, and then the variants' together where all have one"),
    ] = None
    low_stock_threshold: Annotated[
        Annotated[Whole, Field(ge=0)] | None,
        Field(description="At this stock it is low; 0 never. The workspace's setting where there is none"),
    ] = None
    categories: Annotated[
        Annotated[list[Category], Field(max_length=MOST_CATEGORIES)] | None,
        Field(description="Paths, replaced as a whole", examples=[["Shoes/Running"]]),
    ] = None
    url: Annotated[Address | None, Field(description="The product's page")] = None
    image_url: Annotated[Address | None, Field(description="Its picture")] = None
    replenishment_days: Annotated[
        Annotated[int, BeforeValidator(_no_truth), Field(ge=1, le=3650)] | None,
        Field(description="After how many days it is usually used up"),
    ] = None
    fields: Annotated[OwnFields | None, Field(description="The shop's own, replaced as a whole")] = None
    variants: Annotated[
        Annotated[list[VariantPatch], Field(max_length=MOST_VARIANTS)] | None,
        Field(description="Those given are added or changed, all others stay; null takes all away"),
    ] = None


def read_patch(document: object) -> ProductPatch:
    """What was handed in of one product. Raises `ProductRefusedError` with a fault for each field."""
    try:
        return ProductPatch.model_validate(document)
    except ValidationError as error:
        faults = [_fault(found) for found in error.errors(include_url=False, include_input=False)]
    given = document.get("id") if isinstance(document, Mapping) else None
    raise ProductRefusedError(faults, given[:256] if isinstance(given, str) else None)


def _fault(found: ErrorDetails) -> Fault:
    path = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in found["loc"])
    detail = "The field is missing." if found["type"] == "missing" else found["msg"]
    return Fault(path, detail, _MENDS.get(found["type"], "See the API's description for what is expected here."))
