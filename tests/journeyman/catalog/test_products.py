"""What may be handed in of a product, and what a change makes of it."""

from decimal import Decimal
from typing import Any

import pytest

from journeyman.catalog.errors import ProductRefusedError
from journeyman.catalog.own_fields import DEEPEST, LARGEST
from journeyman.catalog.patches import read_patch
from journeyman.catalog.products import Product, patched
from journeyman.kit.errors import Fault

SHOE: dict[str, Any] = {
    "id": "shoe",
    "name": "Running shoe",
    "price": 79.9,
    "currency": "eur",
    "compare_at_price": "99.90",
    "stock": 12,
    "low_stock_threshold": 3,
    "categories": [" Shoes / Running ", "Sale", "Sale"],
    "url": "https://shop.example/shoe",
    "image_url": "HTTPS://cdn.example/shoe.jpg",
    "replenishment_days": 400,
    "fields": {"brand": "Swift", "sizes": [41, 42]},
    "variants": [{"id": "42", "title": "42", "stock": 5, "fields": {"ean": "1"}}, {"id": "41", "price": "69.90"}],
}


def nested(depth: int) -> list[Any]:
    """A list in a list, so many in all."""
    found: list[Any] = []
    for _ in range(depth - 1):
        found = [found]
    return found


def put(product: Product | None = None, **given: Any) -> Product:
    return patched(product or Product("shoe"), read_patch({"id": "shoe", **given}))


def faults(document: Any, product: Product | None = None) -> tuple[Fault, ...]:
    with pytest.raises(ProductRefusedError) as refused:
        patched(product or Product("shoe"), read_patch(document))
    assert all(fault.detail and fault.mend for fault in refused.value.faults)
    return refused.value.faults


def test_a_product_is_read_with_its_types() -> None:
    made = put(**{name: value for name, value in SHOE.items() if name != "id"})
    assert (made.price, made.currency, made.compare_at_price) == (Decimal("79.9"), "EUR", Decimal("99.90"))
    assert made.categories == ("Shoes/Running", "Sale")
    assert list(made.variants) == ["41", "42"]
    assert made.variants["41"].price == Decimal("69.90")
    assert made.fields == {"brand": "Swift", "sizes": [41, 42]}


def test_what_is_absent_stays_and_null_clears() -> None:
    full = put(**{name: value for name, value in SHOE.items() if name != "id"})
    assert put(full) == full
    bare = put(full, **dict.fromkeys(SHOE.keys() - {"id"}))
    assert bare == Product("shoe")


def test_lists_and_own_fields_are_replaced_as_a_whole() -> None:
    before = put(categories=["A", "B"], fields={"one": 1})
    after = put(before, categories=["C"], fields={"two": 2})
    assert (after.categories, after.fields) == (("C",), {"two": 2})


def test_variants_that_are_not_named_stay() -> None:
    before = put(variants=[{"id": "m", "stock": 1, "title": "M"}, {"id": "l", "stock": 2}])
    after = put(before, variants=[{"id": "m", "stock": 7}, {"id": "s", "stock": 3}])
    assert {one.id: (one.title, one.stock) for one in after.variants.values()} == {
        "m": ("M", 7),
        "l": (None, 2),
        "s": (None, 3),
    }
    assert put(after, variants=[{"id": "m", "deleted": True}]).variants.keys() == {"l", "s"}
    assert put(after, variants=None).variants == {}


def test_a_number_is_an_id_as_well() -> None:
    assert read_patch({"id": 501}).id == "501"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"price": -1}, "/price"),
        ({"price": "1.00001"}, "/price"),
        ({"price": "123456789012"}, "/price"),
        ({"price": "NaN"}, "/price"),
        ({"price": True}, "/price"),
        ({"price": "cheap"}, "/price"),
        ({"currency": "EURO"}, "/currency"),
        ({"currency": "XYZ"}, "/currency"),
        ({"stock": 1.5}, "/stock"),
        ({"stock": True}, "/stock"),
        ({"stock": 10**10}, "/stock"),
        ({"low_stock_threshold": -1}, "/low_stock_threshold"),
        ({"categories": ["A", " / "]}, "/categories/1"),
        ({"categories": ["/".join("abcdefghijk")]}, "/categories/0"),
        ({"categories": [str(number) for number in range(51)]}, "/categories"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"image_url": "shoe.jpg"}, "/image_url"),
        ({"replenishment_days": 0}, "/replenishment_days"),
        ({"fields": {"text": "x" * LARGEST}}, "/fields"),
        ({"fields": {"number": 2**64}}, "/fields"),
        ({"fields": {"number": float("nan")}}, "/fields"),
        ({"fields": {"list": nested(DEEPEST + 1)}}, "/fields"),
        ({"fields": [1]}, "/fields"),
        ({"colour": "red"}, "/colour"),
        ({"variants": [{"stock": 1}]}, "/variants/0/id"),
        ({"variants": [{"id": "m", "colour": "red"}]}, "/variants/0/colour"),
        ({"id": ""}, "/id"),
        ({"id": "x" * 257}, "/id"),
        ({"id": None}, "/id"),
    ],
)
def test_what_cannot_be_kept_is_named(given: dict[str, Any], pointer: str) -> None:
    (fault,) = faults({"id": "shoe", "currency": "EUR", **given})
    assert fault.pointer == pointer


@pytest.mark.parametrize("document", [None, [], "shoe", 7])
def test_a_product_is_an_object(document: Any) -> None:
    assert [fault.pointer for fault in faults(document)] == [""]


def test_what_no_database_keeps_is_taken_out_of_text() -> None:
    made = put(name="a\0b", fields={"ü\0": ["\ud800", {"b": nested(DEEPEST - 4)}], "pattern": "\\u0000"})
    assert (made.name, made.fields) == (
        "ab",
        {"ü": ["\ufffd", {"b": nested(DEEPEST - 4)}], "pattern": "\\u0000"},
    )


def test_a_price_needs_a_currency() -> None:
    assert [fault.pointer for fault in faults({"id": "shoe", "price": 5, "compare_at_price": 6})] == [
        "/price",
        "/compare_at_price",
    ]
    assert [fault.pointer for fault in faults({"id": "shoe", "variants": [{"id": "m", "price": 5}]})] == [
        "/variants/0/price"
    ]
    own = put(variants=[{"id": "m", "price": 5, "currency": "EUR"}])
    assert own.asking_price == (Decimal(5), "EUR")
    priced = put(price=5, currency="EUR")
    assert [fault.pointer for fault in faults({"id": "shoe", "currency": None}, priced)] == ["/currency"]


def test_it_has_only_so_many_variants() -> None:
    half = put(variants=[{"id": f"a{number}"} for number in range(300)])
    more = {"id": "shoe", "variants": [{"id": f"b{number}"} for number in range(300)]}
    assert [fault.pointer for fault in faults(more, half)] == ["/variants"]


@pytest.mark.parametrize(
    ("given", "stock"),
    [
        ({"stock": 3, "variants": [{"id": "m", "stock": 9}]}, 3),
        ({"variants": [{"id": "m", "stock": 9}, {"id": "l", "stock": 1}]}, 10),
        ({"variants": [{"id": "m", "stock": 9}, {"id": "l", "stock": -4}]}, 9),
        ({"variants": [{"id": "m", "stock": 9}, {"id": "l"}]}, None),
        ({}, None),
    ],
)
def test_its_stock_is_its_own_or_that_of_all_variants(given: dict[str, Any], stock: int | None) -> None:
    assert put(**given).stock_in_all == stock


def test_it_asks_its_own_price_or_the_cheapest_variants() -> None:
    variants = [{"id": "a", "price": "9"}, {"id": "b", "price": "8"}, {"id": "c", "price": "1", "currency": "JPY"}]
    assert put(currency="EUR", variants=variants).asking_price == (Decimal(8), "EUR")
    assert put(price="10", currency="EUR", variants=variants).asking_price == (Decimal(10), "EUR")
    assert put().asking_price is None
