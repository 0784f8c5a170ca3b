"""Whether there is any left of what a message is about, looked at when it is about to go (P2)."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog import repository as catalog
from journeyman.journeys.gates import Gate
from journeyman.journeys.runs import Run
from journeyman.journeys.watching.offers import stock_of
from journeyman.language.definition import Definition
from journeyman.language.starters.products import BackInStockEntry, LowStockEntry


async def stock_gate(connection: AsyncConnection, definition: Definition, run: Run) -> Gate | None:
    """The gate of journeys that start on stock: there is some of one of the products. None for all other journeys."""
    if not isinstance(definition.entry, BackInStockEntry | LowStockEntry):
        return None
    wares = [one for one in _listed(run.entry.get("products")) if isinstance(one.get("product_id"), str)]
    stored = await catalog.find_products(connection, {one["product_id"] for one in wares})
    left: dict[str, int | None] = {}
    for one in wares:
        found = stored.get(one["product_id"])
        left[one["product_id"]] = stock_of(found.product, one.get("variant_id")) if found is not None else None
    return Gate("stock", any(pieces is not None and pieces > 0 for pieces in left.values()), {"stock": left})


def _listed(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
