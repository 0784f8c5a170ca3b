"""Interests, held against what the stored events say of products."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.interests import repository as interests
from journeyman.catalog.interests.interests import EVENTS, Interest, fold, interests_of
from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.journeys.rebuilding import Found
from journeyman.language.instants import BEFORE_ALL


class InterestCheck:
    """How often and when every customer viewed, wished for, carted and bought which product."""

    async def examine(self, connection: AsyncConnection, persons: Sequence[Person], now: datetime) -> list[Found]:
        del now
        ids = [person.id for person in persons]
        kept = fold(await interests.interests_among(connection, ids))
        right = fold(await rebuild_interests(connection, ids))
        return [
            Found(customer_id, f"interest {kind} in {product}", _shown(kept.get(key)), _shown(right.get(key)))
            for key in sorted(kept.keys() | right.keys())
            if kept.get(key) != right.get(key)
            for customer_id, product, kind in (key,)
        ]

    async def repair(self, connection: AsyncConnection, found: Sequence[Found], now: datetime) -> None:
        del now
        ids = sorted({one.customer_id for one in found})
        right = await rebuild_interests(connection, ids)
        await interests.clear_interests(connection, ids)
        await interests.add_interests(connection, right)


async def rebuild_interests(connection: AsyncConnection, customer_ids: Sequence[str]) -> list[tuple[str, Interest]]:
    """(customer id, interest) of all their stored events."""
    wanted = [(customer_id, name, BEFORE_ALL) for customer_id in customer_ids for name in sorted(EVENTS)]
    return [
        (customer_id, one)
        for customer_id, name, at, seq, properties in await customers.events_of(connection, wanted)
        for one in interests_of(name, at, properties, seq)
    ]


def _shown(interest: Interest | None) -> dict[str, object] | None:
    if interest is None:
        return None
    last = interest.last_at.isoformat()
    return {"count": interest.count, "quantity": interest.quantity, "last_at": last}
