"""Products and their variants as they stand, and what a patch makes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from journeyman.catalog.errors import ProductRefusedError
from journeyman.catalog.patches import MOST_VARIANTS, ProductPatch, VariantPatch
from journeyman.kit.errors import Fault

_WITHOUT_CURRENCY = "a price needs a currency"
_GIVE_ONE = "Give `currency`, an ISO 4217 code such as EUR."


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a product."""

    id: str
    title: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    stock: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    """A product; a new one has nothing but its id."""

    id: str
    name: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    compare_at_price: Decimal | None = None
    stock: int | None = None
    low_stock_threshold: int | None = None
    categories: tuple[str, ...] = ()
    url: str | None = None
    image_url: str | None = None
    replenishment_days: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)

    @property
    def stock_in_all(self) -> int | None:
        """Its own stock, else the pieces of all variants together where each tells its stock."""
        if self.stock is not None:
            return self.stock
        stocks = [variant.stock for variant in self.variants.values()]
        known = [max(stock, 0) for stock in stocks if stock is not None]
        return sum(known) if known and len(known) == len(stocks) else None

    @property
    def asking_price(self) -> tuple[Decimal, str] | None:
        """Its own price and currency, else those of its cheapest variant, by the first variant's currency."""
        if self.price is not None and self.currency is not None:
            return self.price, self.currency
        priced = [
            (variant.price, variant.currency or self.currency or "")
            for variant in self.variants.values()
            if variant.price is not None
        ]
        return min((one for one in priced if one[1] == priced[0][1]), default=None)


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product, since when it is kept, and when it changed last."""

    product: Product
    created_at: datetime
    updated_at: datetime


def patched(product: Product, patch: ProductPatch) -> Product:
    """The product with what the patch gives. Raises `ProductRefusedError` where that cannot be."""
    given = patch.given()
    if "categories" in given:
        given["categories"] = tuple(dict.fromkeys(given["categories"] or ()))
    if "fields" in given:
        given["fields"] = given["fields"] or {}
    if "variants" in given:
        given["variants"] = _variants(product.variants, patch.variants)
    made = replace(product, **given)
    faults = list(_faults(made, patch))
    if faults:
        raise ProductRefusedError(faults, product.id)
    return made


def _variants(before: Mapping[str, Variant], patches: list[VariantPatch] | None) -> dict[str, Variant]:
    found = dict(before) if patches is not None else {}
    for patch in patches or ():
        given = patch.given()
        if given.pop("deleted", False):
            found.pop(patch.id, None)
            continue
        if "fields" in given:
            given["fields"] = given["fields"] or {}
        found[patch.id] = replace(found.get(patch.id, Variant(patch.id)), **given)
    return dict(sorted(found.items()))


def _faults(product: Product, patch: ProductPatch) -> Iterator[Fault]:
    """What the fields contradict in each other; pointers lead into what was handed in."""
    if len(product.variants) > MOST_VARIANTS:
        detail = f"the product would have {len(product.variants)} variants, the limit is {MOST_VARIANTS}"
        yield Fault("/variants", detail, "Take some away first, or make them products of their own.")
    if product.currency is not None:
        return
    for name in ("price", "compare_at_price"):
        if getattr(product, name) is not None:
            yield Fault(f"/{name}" if name in patch.model_fields_set else "/currency", _WITHOUT_CURRENCY, _GIVE_ONE)
    places = {variant.id: place for place, variant in enumerate(patch.variants or ())}
    for variant in product.variants.values():
        if variant.price is not None and variant.currency is None:
            place = places.get(variant.id)
            where = "/currency" if place is None else f"/variants/{place}/price"
            yield Fault(where, _WITHOUT_CURRENCY, _GIVE_ONE)
