"""Products that moved, and for each customer those of which she is told (P1-P3). Pure but for what `page` reads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog import repository as catalog
from journeyman.catalog.interests import repository as interests
from journeyman.catalog.interests.interests import Interest, InterestKind, ticks_of
from journeyman.catalog.products import Product
from journeyman.journeys.watching import repository
from journeyman.journeys.watching.repository import Alert
from journeyman.language.starters.products import PriceDropEntry, ProductRules

Kind = Literal["price_drop", "back_in_stock", "low_stock"]
MOST_TOLD: Final = 20
"""Products of which one entry tells."""
GONE: Final = {
    "price_drop": "the prices have risen again",
    "back_in_stock": "out of stock again",
    "low_stock": "restocked, or out of stock",
}
"""Why a campaign ends before everybody was told."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A product or one of its variants that has moved, by its transition; `old` is the price or the stock before."""

    product_id: str
    variant_id: str | None
    transition_id: int
    old: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """Products that moved together, and who is told of them, as a campaign keeps it."""

    journey: str
    kind: Kind
    moved: Mapping[str, Moved]
    rules: ProductRules

    @classmethod
    def read(cls, journey: str, kind: Kind, about: Mapping[str, Any], rules: ProductRules) -> Self:
        """What a campaign's `about` says."""
        found = [
            Moved(one["product"], one["variant"], one["transition"], Decimal(one["old"])) for one in about["products"]
        ]
        return cls(journey, kind, {one.product_id: one for one in found}, rules)

    def since(self, now: datetime) -> datetime:
        return now - self.rules.within.timedelta


def about_of(moved: Sequence[Moved]) -> dict[str, Any]:
    """As a campaign keeps it."""
    return {
        "products": [
            {"product": one.product_id, "variant": one.variant_id, "transition": one.transition_id, "old": str(one.old)}
            for one in moved
        ]
    }


async def size(connection: AsyncConnection, offer: Offer, now: datetime) -> int:
    """How many customers take an interest; some of them will have bought it, or been told before."""
    return await interests.interested_in_any(connection, offer.moved, offer.rules.interest, offer.since(now))


async def page(
    connection: AsyncConnection, offer: Offer, after: str, limit: int, now: datetime
) -> tuple[list[tuple[str, dict[str, Any]]], str | None, str | None]:
    """The next entries, the last customer looked at, None where there is none behind, and why it ends if not so.

    Notes of what each is told, so that it is to be called in the transaction that lets her in.
    """
    stored = await catalog.find_products(connection, offer.moved)
    standing = {key: one.product for key, one in stored.items() if still_stands(offer, one.product)}
    if not standing:
        return [], None, GONE[offer.kind]
    since = offer.since(now)
    ids = await interests.next_interested(connection, list(standing), offer.rules.interest, since, after, limit)
    told = await repository.alerts(connection, offer.journey, ids, list(standing))
    rises = await catalog.last_of(connection, "price_rise", list(standing)) if offer.kind == "price_drop" else {}
    taken = _by_customer(await interests.interests_in_any(connection, ids, list(standing), []))
    entries: list[tuple[str, dict[str, Any]]] = []
    alerts: list[Alert] = []
    for customer_id in ids:
        wares: list[dict[str, Any]] = []
        for product_id, mine in sorted(taken[customer_id].items()):
            newest = newest_interest(mine, offer.rules, since)
            moved, before = offer.moved[product_id], told.get((customer_id, product_id))
            if newest is None or is_told(offer.kind, moved, before, rises.get(product_id, 0), newest):
                continue
            ware = ware_of(offer, moved, standing[product_id], mine)
            if ware is not None and len(wares) < MOST_TOLD:
                wares.append(ware)
                alerts.append(Alert(customer_id, product_id, moved.transition_id, now))
        if wares:
            entries.append((customer_id, {"product_id": wares[0]["product_id"], "products": wares}))
    await repository.tell(connection, offer.journey, alerts)
    return entries, ids[-1] if len(ids) == limit else None, None


def _by_customer(rows: Sequence[tuple[str, Interest]]) -> dict[str, dict[str, list[Interest]]]:
    found: dict[str, dict[str, list[Interest]]] = defaultdict(lambda: defaultdict(list))
    for customer_id, one in rows:
        found[customer_id][one.product_id].append(one)
    return found


def still_stands(offer: Offer, product: Product) -> bool:
    """Whether the product is still where it moved to: the price below what it was, some of it there."""
    moved = offer.moved[product.id]
    if offer.kind == "price_drop":
        price = price_of(product, moved.variant_id)
        return price is not None and price < moved.old
    stock = stock_of(product, moved.variant_id)
    if stock is None or stock <= 0:
        return False
    return offer.kind == "back_in_stock" or stock < moved.old


def price_of(product: Product, variant_id: str | None) -> Decimal | None:
    if variant_id is None:
        return product.price
    return product.variants[variant_id].price if variant_id in product.variants else None


def stock_of(product: Product, variant_id: str | None) -> int | None:
    if variant_id is None:
        return product.stock_in_all
    return product.variants[variant_id].stock if variant_id in product.variants else None


def newest_interest(mine: Sequence[Interest], rules: ProductRules, since: datetime) -> int | None:
    """When she took such an interest last, in microseconds; None where it is not enough, or she has bought it since."""
    earliest = ticks_of(since)
    wanted: tuple[InterestKind, ...] = rules.interest
    enough = [one for one in mine if one.kind in wanted and sum(at >= earliest for at in one.recent) >= rules.at_least]
    if not enough:
        return None
    newest = max(one.recent[0] for one in enough)
    if "bought" in wanted:
        return newest
    bought = max((one.recent[0] for one in mine if one.kind == "bought" and one.recent), default=None)
    return newest if bought is None or bought < newest else None


def is_told(kind: Kind, moved: Moved, before: Alert | None, last_rise: int, newest: int) -> bool:
    """Whether she knows: of a price until it rises again, of stock that is back until she asks again, of little left
    once for each time.
    """
    if before is None:
        return False
    match kind:
        case "price_drop":
            return before.transition_id > last_rise or before.transition_id >= moved.transition_id
        case "back_in_stock":
            return ticks_of(before.at) >= newest
        case "low_stock":
            return before.transition_id >= moved.transition_id


def ware_of(offer: Offer, moved: Moved, product: Product, mine: Sequence[Interest]) -> dict[str, Any] | None:
    """What the entry says of a product; None where its price did not drop by enough for her (P1)."""
    price, stock = price_of(product, moved.variant_id), stock_of(product, moved.variant_id)
    currency = _currency(product, moved.variant_id)
    was: Decimal | None = None
    if isinstance(offer.rules, PriceDropEntry) and price is not None:
        was = reference_price(moved, mine, currency)
        if not offer.rules.is_enough(was, price):
            return None
    return {
        "product_id": product.id,
        "variant_id": moved.variant_id,
        "name": product.name,
        "url": product.url,
        "image_url": product.image_url,
        "price": float(price) if price is not None else None,
        "was": float(was) if was is not None else None,
        "currency": currency,
        "stock": stock,
    }


def reference_price(moved: Moved, mine: Sequence[Interest], currency: str | None) -> Decimal:
    """The price that she saw last, in this currency; else what the product cost before."""
    seen = max((one.seen for one in mine if one.seen is not None), default=None)
    if seen is None or (seen.currency and currency and seen.currency != currency):
        return moved.old
    return seen.price


def _currency(product: Product, variant_id: str | None) -> str | None:
    variant = product.variants.get(variant_id) if variant_id is not None else None
    return (variant.currency if variant is not None else None) or product.currency
