"""Lists of products for messages: what a customer looked at, what others buy, what is new; nothing that is sold out."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog import repository as catalogue
from journeyman.catalog.interests.interests import KINDS
from journeyman.catalog.lists import repository
from journeyman.catalog.products import Product

MOST: Final = 12
"""Products of one list."""
LOOKED_AT: Final = 3 * MOST
"""So many are looked at, for some cannot be bought any more."""
LATELY: Final = timedelta(days=30)
FRESH: Final = timedelta(minutes=10)
"""How long a process remembers what is the same for everybody."""
COMMON: Final = ("popular", "new")
LISTS: Final = frozenset({*KINDS, *COMMON})
"""The lists there are; those named as interests are a customer's own."""


class ProductLists:
    """Brings lists of products. Each process keeps one, which remembers what is the same for everybody."""

    def __init__(self) -> None:
        self._common: dict[str, tuple[datetime, list[str]]] = {}

    async def of(
        self, connection: AsyncConnection, names: Collection[str], customer_id: str | None, now: datetime
    ) -> dict[str, list[dict[str, Any]]]:
        """These lists for a customer, as templates see them; her own are empty where there is no customer."""
        ids = {name: await self._ids(connection, name, customer_id, now) for name in sorted(LISTS.intersection(names))}
        wanted = {one for some in ids.values() for one in some}
        found = await catalogue.find_products(connection, wanted) if wanted else {}
        known = {key: stored.product for key, stored in found.items()}
        return {name: list(_shown(some, known)) for name, some in ids.items()}

    async def _ids(self, connection: AsyncConnection, name: str, customer_id: str | None, now: datetime) -> list[str]:
        if name in KINDS:
            return await repository.of_customer(connection, customer_id, name, LOOKED_AT) if customer_id else []
        at, ids = self._common.get(name, (None, []))
        if at is None or not at <= now < at + FRESH:
            ids = (
                await repository.most_bought(connection, now - LATELY, LOOKED_AT)
                if name == "popular"
                else await repository.newest(connection, LOOKED_AT)
            )
            self._common[name] = (now, ids)
        return ids


def _shown(ids: Collection[str], known: Mapping[str, Product]) -> Iterator[dict[str, Any]]:
    there = (known[one] for one in ids if one in known)
    sold = [product for product in there if product.stock_in_all is None or product.stock_in_all > 0]
    yield from (as_scope(product) for product in sold[:MOST])


def as_scope(product: Product) -> dict[str, Any]:
    """A product as templates see it; prices are text with two digits behind the point, and no less than were given."""
    price, currency = product.asking_price or (None, product.currency)
    was = product.compare_at_price
    return {
        "id": product.id,
        "name": product.name or product.id,
        "price": _amount(price),
        "currency": currency,
        "was": _amount(was) if was is not None and price is not None and was > price else None,
        "url": product.url,
        "image": product.image_url,
        "stock": product.stock_in_all,
        "categories": list(product.categories),
        "fields": dict(product.fields),
    }


def _amount(amount: Decimal | None) -> str | None:
    if amount is None:
        return None
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{digits}f}"
