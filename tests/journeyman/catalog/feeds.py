"""Feeds of products at random, and a model of what they move that knows nothing of the product's own code."""

import random
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

PRICES = (None, "5", "7.50", "10", "10.0001")
STOCKS = (None, -1, 0, 1, 3, 5, 6, 20)
CURRENCIES = ("EUR", "USD")
IDS = ("a", "b", "c")
SIZES = ("l", "m")


@st.composite
def patches(draw: st.DrawFn) -> dict[str, Any]:
    return patch(random.Random(draw(st.integers(0, 2**32))))


def patch(chance: random.Random) -> dict[str, Any]:
    """A product with some of its fields; the currency is always there, so that no price is without one."""
    found: dict[str, Any] = {"id": chance.choice(IDS), "currency": chance.choice(CURRENCIES)}
    _some(found, chance)
    if chance.random() < 0.3:
        found["low_stock_threshold"] = chance.choice((None, 0, 3, 10))
    if chance.random() < 0.4:
        found["variants"] = [_variant(size, chance) for size in SIZES if chance.random() < 0.6]
    elif chance.random() < 0.1:
        found["variants"] = None
    return found


def _some(found: dict[str, Any], chance: random.Random) -> None:
    if chance.random() < 0.7:
        found["price"] = chance.choice(PRICES)
    if chance.random() < 0.7:
        found["stock"] = chance.choice(STOCKS)


def _variant(size: str, chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.15:
        return {"id": size, "deleted": True}
    found: dict[str, Any] = {"id": size}
    _some(found, chance)
    return found


class NaiveShop:
    """Keeps every value in one flat mapping and compares before with after."""

    def __init__(self, low_stock: int) -> None:
        self.low_stock = low_stock
        self.values: dict[tuple[str, ...], Any] = {}

    def take(self, document: dict[str, Any]) -> list[tuple[str, str | None, Decimal, Decimal]]:
        """(kind, variant, old, new) of everything that moves."""
        old = dict(self.values)
        product = document["id"]
        for name in ("currency", "price", "stock", "low_stock_threshold"):
            if name in document:
                self.values[product, name] = document[name]
        if "variants" in document:
            self._take_variants(product, document["variants"])
        return [one for variant in (None, *SIZES) for one in self._moved(product, variant, old)]

    def _take_variants(self, product: str, variants: list[dict[str, Any]] | None) -> None:
        gone = SIZES if variants is None else [one["id"] for one in variants if one.get("deleted")]
        for size in gone:
            for name in ("there", "price", "stock"):
                self.values.pop((product, size, name), None)
        for one in variants or ():
            if not one.get("deleted"):
                self.values[product, one["id"], "there"] = True
                for name in one.keys() - {"id"}:
                    self.values[product, one["id"], name] = one[name]

    def _moved(self, product: str, variant: str | None, old: dict[Any, Any]) -> list[Any]:
        new = self.values
        key = (product,) if variant is None else (product, variant)
        there = variant is None or ((*key, "there") in old and (*key, "there") in new)
        if not there:
            return []
        found: list[Any] = []
        was, now = old.get((*key, "price")), new.get((*key, "price"))
        if was is not None and now is not None and old.get((product, "currency")) == new.get((product, "currency")):
            was, now = Decimal(was), Decimal(now)
            if was != now:
                found.append(("price_drop" if now < was else "price_rise", variant, was, now))
        was, now = self._stock(old, key), self._stock(new, key)
        if was is not None and now is not None:
            threshold = new.get((product, "low_stock_threshold"))
            threshold = self.low_stock if threshold is None else threshold
            kind = None
            if was <= 0 and now > 0:
                kind = "back_in_stock"
            if was > 0 and now <= 0:
                kind = "out_of_stock"
            if was > threshold and 0 < now <= threshold:
                kind = "low_stock"
            if kind is not None:
                found.append((kind, variant, Decimal(was), Decimal(now)))
        return found

    def _stock(self, values: dict[Any, Any], key: tuple[str, ...]) -> int | None:
        own: int | None = values.get((*key, "stock"))
        if len(key) > 1 or own is not None:
            return own
        sizes = [size for size in SIZES if (*key, size, "there") in values]
        stocks: list[int | None] = [values.get((*key, size, "stock")) for size in sizes]
        if not stocks or None in stocks:
            return None
        return sum(max(stock or 0, 0) for stock in stocks)
