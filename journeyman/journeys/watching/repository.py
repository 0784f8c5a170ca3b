"""Every query of what journeys watch in the catalogue, and of whom they told what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.watching.tables import ProductAlert, ProductWatch
from journeyman.kit.holdings import Holding

ALERTS = Holding("product_alerts", ProductAlert, ("journey_key", "product_id"))


@dataclass(frozen=True, slots=True)
class Alert:
    """That a journey has told a customer of a product, at which of its transitions and when."""

    customer_id: str
    product_id: str
    transition_id: int
    at: datetime


async def watches(connection: AsyncConnection) -> dict[str, int]:
    """Up to which transition each journey has looked."""
    query = select(ProductWatch.journey_key, ProductWatch.after)
    return {row.journey_key: row.after for row in await connection.execute(query)}


async def lock_watch(connection: AsyncConnection, journey: str) -> int | None:
    query = select(ProductWatch.after).where(ProductWatch.journey_key == journey).with_for_update()
    return (await connection.execute(query)).scalar_one_or_none()


async def watch(connection: AsyncConnection, journey: str, after: int) -> None:
    """Begin to look behind a transition; where the journey looks already it goes on from there."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    begun = insert(ProductWatch).values(journey_key=journey, after=after).on_conflict_do_nothing()
    await connection.execute(begun)


async def looked(connection: AsyncConnection, journey: str, after: int) -> None:
    """Note up to where the journey has looked."""
    moved = update(ProductWatch).where(ProductWatch.journey_key == journey).values(after=after)
    await connection.execute(moved)


async def unwatch(connection: AsyncConnection, journeys: Collection[str]) -> None:
    await connection.execute(delete(ProductWatch).where(ProductWatch.journey_key.in_(journeys)))


async def alerts(
    connection: AsyncConnection, journey: str, customer_ids: Collection[str], product_ids: Collection[str]
) -> Mapping[tuple[str, str], Alert]:
    """What the journey has told these customers of these products, by (customer, product)."""
    columns = (ProductAlert.customer_id, ProductAlert.product_id, ProductAlert.transition_id, ProductAlert.at)
    query = select(*columns).where(
        ProductAlert.journey_key == journey,
        ProductAlert.customer_id.in_(customer_ids),
        ProductAlert.product_id.in_(product_ids),
    )
    found = [Alert(*row) for row in await connection.execute(query)]
    return {(one.customer_id, one.product_id): one for one in found}


async def tell(connection: AsyncConnection, journey: str, told: Sequence[Alert]) -> None:
    """Note of what somebody was told; what was told before is told anew."""
    if not told:
        return
    names = ("customer_id", "product_id", "transition_id", "at")
    rows = [{"journey_key": journey, **{name: getattr(one, name) for name in names}} for one in told]
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    adding = insert(ProductAlert)
    newer = {"transition_id": adding.excluded.transition_id, "at": adding.excluded.at}
    keys = ["journey_key", "product_id", "customer_id"]
    await connection.execute(adding.on_conflict_do_update(index_elements=keys, set_=newer), rows)


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """What one customer was told, another was: the newer word of each product stays."""
    mine = select(ProductAlert.journey_key, ProductAlert.product_id, ProductAlert.transition_id, ProductAlert.at)
    theirs = {(row[0], row[1]): row for row in await connection.execute(mine.where(ProductAlert.customer_id == loser))}
    if not theirs:
        return
    pairs = tuple_(ProductAlert.journey_key, ProductAlert.product_id).in_(list(theirs))
    both = select(ProductAlert.journey_key, ProductAlert.product_id, func.max(ProductAlert.transition_id)).where(
        ProductAlert.customer_id.in_([loser, survivor]), pairs
    )
    both = both.group_by(ProductAlert.journey_key, ProductAlert.product_id)
    newest = {(row[0], row[1]): row[2] for row in await connection.execute(both)}
    await connection.execute(delete(ProductAlert).where(ProductAlert.customer_id == loser))
    for (journey, product), row in theirs.items():
        if newest[journey, product] == row[2]:
            await tell(connection, journey, [Alert(survivor, product, row[2], row[3])])
