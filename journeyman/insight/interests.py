"""Who takes an interest in what: a customer's interests, and a product's customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from journeyman.catalog import repository as products
from journeyman.catalog.interests import repository
from journeyman.catalog.interests.interests import RECENT, InterestKind, Seen
from journeyman.catalog.interests.repository import Interested, Known
from journeyman.catalog.products import Product
from journeyman.insight.lookup import must_know
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Reference:
    """The price that a drop is measured against (P1)."""

    price: Decimal
    currency: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class InterestedCustomer:
    """A customer with her interest, and the price that she has in mind."""

    interested: Interested
    reference: Reference | None


def reference_price(seen: Seen | None, product: Product) -> Reference | None:
    """What the customer last saw, else what the product asks (P1); a price without a currency is in the product's."""
    asking = product.asking_price
    if seen is not None:
        return Reference(seen.price, seen.currency or (asking[1] if asking else ""), seen.at)
    return None if asking is None else Reference(*asking, seen_at=None)


class Interests:
    """Reads interests."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def of_customer(self, customer: str, cursor: str | None, limit: int) -> Page[Known]:
        """The interests of the customer whom any of her ids names, the latest first. Raises `NotFoundError`."""
        after: Any = read_cursor(cursor, datetime, str, str)
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            found = await repository.interests_of_customer(connection, customer_id, after, limit + 1)
        return page_of(found, limit, _place)

    async def in_product(
        self,
        product_id: str,
        kind: InterestKind,
        *,
        since: datetime | None,
        at_least: int,
        not_bought: bool,
        cursor: str | None,
        limit: int,
    ) -> Page[InterestedCustomer]:
        """Who took an interest of this kind at least so many times since then, by customer id.

        Raises `NotFoundError` for an unknown product, and `InvalidError`.
        """
        if not 1 <= at_least <= RECENT:
            fault = Fault("/query/at_least", "it cannot be answered", f"Ask for 1 to {RECENT} times.")
            raise InvalidError(fault.detail, [fault])
        (after,) = read_cursor(cursor, str) or (None,)
        async with self.database.reading() as connection:
            product = (await products.find_products(connection, [product_id])).get(product_id)
            if product is None:
                raise NotFoundError(f"there is no product `{product_id}`")
            found = await repository.interests_in(
                connection,
                product_id,
                kind,
                since or EVER,
                at_least,
                not_bought=not_bought,
                after=after,
                limit=limit + 1,
            )
            seen = await repository.seen_prices(connection, product_id, [one.customer_id for one in found])
        page = page_of(found, limit, lambda one: (one.customer_id,))
        return page.map(lambda one: _with_reference(one, seen, product.product))


def _place(one: Known) -> tuple[datetime, str, str]:
    return one.interest.last_at, one.interest.product_id, one.interest.kind


def _with_reference(one: Interested, seen: Mapping[str, Seen], product: Product) -> InterestedCustomer:
    return InterestedCustomer(one, reference_price(seen.get(one.customer_id), product))
