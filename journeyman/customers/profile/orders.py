"""What an order of Segment's e-commerce spec V2 comes to, tolerant of whatever a shop's page sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from journeyman.customers.profile.bounded import is_keepable
from journeyman.customers.profile.figures import UNITS, add, first_units, read_units

_REVENUE: Final = ("revenue", "total", "value", "subtotal")
_REFUND: Final = ("total", "revenue", "value", "amount")


@dataclass(slots=True)
class Order:
    """Sums in millionths."""

    revenue: int
    items: int
    categories: dict[str, int]
    is_discounted: bool


def read_order(properties: Mapping[str, Any]) -> Order:
    """An `Order Completed`: the revenue is the first that it says, else what its products cost together."""
    items = cost = 0
    categories: dict[str, int] = {}
    is_discounted = _is_discounted(properties)
    for product in _products(properties):
        quantity = _quantity(product)
        items = add(items, quantity)
        cost = add(cost, _cost(product, quantity))
        category = product.get("category")
        if isinstance(category, str) and category and is_keepable(category):
            categories[category] = add(categories.get(category, 0), quantity)
        is_discounted = is_discounted or _is_discounted(product)
    if not isinstance(properties.get("products"), list):
        items = first_units(properties, ("quantity",)) or 0
    revenue = first_units(properties, _REVENUE)
    return Order(cost if revenue is None else revenue, items, categories, is_discounted)


def read_refund(properties: Mapping[str, Any]) -> int:
    """What an `Order Refunded` gives back, in millionths; a negative figure means the same.

    One that says no sum, nor products with prices, gives back nothing that is known here.
    """
    for key in _REFUND:
        units = read_units(properties.get(key))
        if units is not None:
            return abs(units)
    refunded = 0
    for product in _products(properties):
        refunded = add(refunded, _cost(product, _quantity(product)))
    return refunded


def _products(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    products = properties.get("products")
    if isinstance(products, list):
        for product in products:
            if isinstance(product, dict):
                yield product


def _quantity(product: Mapping[str, Any]) -> int:
    """In millionths; one where the product says none, or no sound one."""
    if "quantity" not in product:
        return UNITS
    units = read_units(product["quantity"])
    return UNITS if units is None or units < 0 else units


def _cost(product: Mapping[str, Any], quantity: int) -> int:
    price = first_units(product, ("price",))
    return 0 if price is None else price * quantity // UNITS


def _is_discounted(document: Mapping[str, Any]) -> bool:
    coupon = document.get("coupon")
    if isinstance(coupon, str) and coupon.strip():
        return True
    return (first_units(document, ("discount",)) or 0) > 0
