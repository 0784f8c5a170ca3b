"""What counts as a movement of price or stock, case by case, and against a model that was written apart from it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.catalog.patches import read_patch
from journeyman.catalog.products import Product, patched
from journeyman.catalog.transitions import Transition, transitions_of
from tests.journeyman.catalog.feeds import NaiveShop, patches

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def product(**given: Any) -> Product:
    return patched(Product("shoe"), read_patch({"id": "shoe", "currency": "EUR", **given}))


def moved(before: Product, after: Product, low_stock: int = 5) -> list[Transition]:
    return transitions_of(before, after, low_stock, NOON)


def kinds(before: Product, after: Product, low_stock: int = 5) -> list[str]:
    return [one.kind for one in moved(before, after, low_stock)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("20", "15", ["price_drop"]),
        ("20", "19.9999", ["price_drop"]),
        ("20", "0", ["price_drop"]),
        ("15", "20", ["price_rise"]),
        ("0", "20", ["price_rise"]),
        ("20", "20.00", []),
        (None, "20", []),
        ("20", None, []),
    ],
)
def test_p1_a_price_drops_when_it_falls_from_one_that_was_known(
    old: str | None, new: str | None, expected: list[str]
) -> None:
    assert kinds(product(price=old), product(price=new)) == expected


def test_p1_amount_and_percent_of_a_drop_are_exact() -> None:
    (drop,) = moved(product(price="19.99"), product(price="13.33"))
    assert (drop.old, drop.new, drop.amount) == (Decimal("19.99"), Decimal("13.33"), Decimal("6.66"))
    assert (drop.percent, drop.currency, drop.at) == (Decimal("33.3166"), "EUR", NOON)


def test_p1_almost_ten_percent_are_not_ten() -> None:
    (drop,) = moved(product(price="99999.99"), product(price="90000"))
    assert drop.percent is not None
    assert drop.percent < 10


def test_p1_a_price_in_another_currency_is_no_drop() -> None:
    assert kinds(product(price="20"), product(price="15", currency="USD")) == []


def test_p1_the_first_load_of_a_product_or_a_variant_never_fires() -> None:
    full = product(price="20", stock=3, variants=[{"id": "m", "price": "10", "stock": 1}])
    assert kinds(Product("shoe"), full) == []
    more = patched(full, read_patch({"id": "shoe", "variants": [{"id": "l", "price": "1", "stock": 0}]}))
    assert kinds(full, more) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0, 1, ["back_in_stock"]),
        (-2, 3, ["back_in_stock"]),
        (None, 3, []),
        (0, None, []),
        (1, 0, ["out_of_stock"]),
        (10, -1, ["out_of_stock"]),
        (6, 5, ["low_stock"]),
        (100, 1, ["low_stock"]),
        (5, 4, []),
        (None, 4, []),
        (3, 4, []),
        (0, 0, []),
        (-3, -1, []),
    ],
)
def test_p2_p3_stock_moves_only_over_its_edges(old: int | None, new: int | None, expected: list[str]) -> None:
    assert kinds(product(stock=old), product(stock=new)) == expected


def test_p3_a_products_own_threshold_goes_before_the_workspaces() -> None:
    assert kinds(product(stock=20), product(stock=10, low_stock_threshold=10)) == ["low_stock"]
    assert kinds(product(stock=20), product(stock=4, low_stock_threshold=3)) == []
    assert kinds(product(stock=20), product(stock=1), low_stock=0) == []


def test_p3_raising_the_threshold_is_no_crossing() -> None:
    assert kinds(product(stock=7), product(stock=7, low_stock_threshold=10)) == []


def test_a_variant_moves_by_itself_and_the_product_by_the_sum() -> None:
    def shoe(medium: int, large: int) -> Product:
        return product(variants=[{"id": "m", "stock": medium}, {"id": "l", "stock": large, "price": "9"}])

    found = moved(shoe(0, 0), shoe(3, 0))
    assert [(one.kind, one.variant_id) for one in found] == [("back_in_stock", None), ("back_in_stock", "m")]
    found = moved(shoe(3, 9), shoe(0, 9))
    assert [(one.kind, one.variant_id) for one in found] == [("out_of_stock", "m")]


def test_a_variants_price_is_in_the_products_currency_unless_it_has_its_own() -> None:
    euro = product(variants=[{"id": "m", "price": "10"}])
    assert kinds(euro, product(currency="USD", variants=[{"id": "m", "price": "8"}])) == []
    (drop,) = moved(euro, product(variants=[{"id": "m", "price": "8"}]))
    assert (drop.variant_id, drop.currency) == ("m", "EUR")


@given(st.lists(patches(), max_size=30))
def test_any_sequence_of_changes_moves_what_a_naive_model_says(feed: list[dict[str, Any]]) -> None:
    naive = NaiveShop(low_stock=5)
    now: dict[str, Product] = {}
    for document in feed:
        before = now.get(document["id"], Product(document["id"]))
        after = now[document["id"]] = patched(before, read_patch(document))
        found = [(one.kind, one.variant_id, one.old, one.new) for one in moved(before, after)]
        assert sorted(found, key=str) == sorted(naive.take(document), key=str)
