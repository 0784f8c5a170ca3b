"""Which products belong into a list, the first one first."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from journeyman.catalog.tables import Interest, Product


async def of_customer(connection: AsyncConnection, customer_id: str, kind: str, limit: int) -> list[str]:
    """What she took an interest in, the latest first; without what she has bought since, unless that is asked for."""
    query = select(Interest.product_id).where(Interest.customer_id == customer_id, Interest.kind == kind)
    if kind != "bought":
        bought = aliased(Interest)
        since = exists().where(
            bought.customer_id == customer_id,
            bought.product_id == Interest.product_id,
            bought.kind == "bought",
            bought.last_at >= Interest.last_at,
        )
        query = query.where(~since)
    found = await connection.execute(query.order_by(Interest.last_at.desc(), Interest.product_id).limit(limit))
    return list(found.scalars())


async def most_bought(connection: AsyncConnection, since: datetime, limit: int) -> list[str]:
    """What most customers have bought lately."""
    buyers = func.count(Interest.customer_id)
    query = select(Interest.product_id).where(Interest.kind == "bought", Interest.last_at >= since)
    ranked = query.group_by(Interest.product_id).order_by(buyers.desc(), Interest.product_id).limit(limit)
    return list((await connection.execute(ranked)).scalars())


async def newest(connection: AsyncConnection, limit: int) -> list[str]:
    """What came into the catalogue last."""
    query = select(Product.id).order_by(Product.created_at.desc(), Product.id).limit(limit)
    return list((await connection.execute(query)).scalars())
