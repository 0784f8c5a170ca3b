"""Who is in a segment, with what is known of her."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments.tables import Membership, Segment
from journeyman.customers.tables import Customer


@dataclass(frozen=True, slots=True)
class Exported:
    """A member of a segment, since when, and her attributes."""

    customer: str
    since: datetime
    attributes: dict[str, Any]


async def is_there(connection: AsyncConnection, key: str) -> bool:
    return bool((await connection.execute(select(exists().where(Segment.key == key)))).scalar_one())


async def members(connection: AsyncConnection, key: str, after: str | None, limit: int) -> list[Exported]:
    """The members behind `after`, by customer."""
    query = (
        select(Membership.customer_id, Membership.since, Customer.attributes)
        .join(Customer, Customer.id == Membership.customer_id)
        .where(Membership.segment_key == key)
    )
    if after is not None:
        query = query.where(Membership.customer_id > after)
    return [Exported(*row) for row in await connection.execute(query.order_by(Membership.customer_id).limit(limit))]
