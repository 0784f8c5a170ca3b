"""Prices and stocks that moved in a way that matters, from a product before and after a change (P1-P3). Pure.

A first value is no movement, and neither is a last one: nothing here happens when a product or a variant is loaded for
the first time, or when what was unknown becomes known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from journeyman.catalog import amounts
from journeyman.catalog.products import Product

TransitionKind = Literal["price_drop", "price_rise", "back_in_stock", "low_stock", "out_of_stock"]

_PLACE = Decimal(1).scaleb(-amounts.PLACES)
_MOST_PERCENT = Decimal(999_999_999)


@dataclass(frozen=True, slots=True)
class Transition:
    """One movement; `variant_id` is None for the product itself, `currency` for stocks.

    `amount` is by how much, `percent` how much of the old that is, rounded down, and None where the old was 0.
    """

    kind: TransitionKind
    product_id: str
    variant_id: str | None
    old: Decimal
    new: Decimal
    amount: Decimal
    percent: Decimal | None
    currency: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _Offer:
    price: Decimal | None
    currency: str | None
    stock: int | None


def transitions_of(before: Product, after: Product, low_stock: int, at: datetime) -> list[Transition]:
    """What moved, the product itself first, then its variants by id.

    `low_stock` is the threshold of products that have none of their own; 0 is none.
    """
    threshold = low_stock if after.low_stock_threshold is None else after.low_stock_threshold
    old, new = _offers(before), _offers(after)
    return [
        _transition(kind, after.id, variant_id, old[variant_id], offer, at)
        for variant_id, offer in new.items()
        if variant_id in old
        for kind in (
            *_price_kinds(old[variant_id], offer),
            *_stock_kinds(old[variant_id].stock, offer.stock, threshold),
        )
    ]


def _offers(product: Product) -> dict[str | None, _Offer]:
    found: dict[str | None, _Offer] = {None: _Offer(product.price, product.currency, product.stock_in_all)}
    for variant in product.variants.values():
        found[variant.id] = _Offer(variant.price, variant.currency or product.currency, variant.stock)
    return found


def _price_kinds(old: _Offer, new: _Offer) -> Iterator[TransitionKind]:
    if old.price is None or new.price is None or old.currency != new.currency:
        return
    if new.price < old.price:
        yield "price_drop"
    elif new.price > old.price:
        yield "price_rise"


def _stock_kinds(old: int | None, new: int | None, threshold: int) -> Iterator[TransitionKind]:
    if old is None or new is None:
        return
    if old <= 0 < new:
        yield "back_in_stock"
    elif new <= 0 < old:
        yield "out_of_stock"
    elif old > threshold >= new > 0:
        yield "low_stock"


def _transition(
    kind: TransitionKind, product_id: str, variant_id: str | None, old: _Offer, new: _Offer, at: datetime
) -> Transition:
    priced = kind.startswith("price")
    was, now = (old.price, new.price) if priced else (old.stock, new.stock)
    before, after = Decimal(was or 0), Decimal(now or 0)
    amount = abs(after - before)
    return Transition(
        kind=kind,
        product_id=product_id,
        variant_id=variant_id,
        old=before,
        new=after,
        amount=amount,
        percent=_percent(amount, before),
        currency=new.currency if priced else None,
        at=at,
    )


def _percent(amount: Decimal, old: Decimal) -> Decimal | None:
    """Rounded down, so that a movement of almost ten percent is not one of ten."""
    if not old:
        return None
    return min((amount * 100 / abs(old)).quantize(_PLACE, ROUND_FLOOR), _MOST_PERCENT)
