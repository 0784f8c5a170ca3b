"""Every query of customers' own hours."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.intelligence.registry import repository as registry
from journeyman.intelligence.send_times.learnt import MODEL, Everybody
from journeyman.intelligence.send_times.model import Own
from journeyman.intelligence.send_times.tables import SendTime
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.holdings import Holding
from journeyman.kit.lists import is_among

SEND_TIMES = Holding("send_times", SendTime, ("model",))
PER_CENT: Final = 100

_OF = select(SendTime.customer_id, SendTime.hours, SendTime.days).where(is_among(SendTime.customer_id, "customer_ids"))
_CLEAR = delete(SendTime).where(is_among(SendTime.customer_id, "customer_ids"))


async def everybody(connection: AsyncConnection) -> Everybody | None:
    """What is known of all customers; None where there has not been enough data."""
    model = await registry.in_use(connection, MODEL)
    return Everybody.from_json(model.artefact) if model is not None else None


async def of_customers(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Own]:
    """The own hours of those of these customers who have any."""
    rows = await connection.execute(_OF, {"customer_ids": list(customer_ids)})
    return {customer_id: Own(_shares(hours), _shares(days)) for customer_id, hours, days in rows}


def _shares(stored: Iterable[int]) -> tuple[float, ...]:
    return tuple(one / PER_CENT for one in stored)


async def save(
    connection: AsyncConnection,
    customer_ids: Collection[str],
    own: dict[str, tuple[Own, int]],
    model: str,
    at: datetime,
) -> None:
    """Write what is known of these customers in the place of what was; `own` has theirs, with from how much."""
    await connection.execute(_CLEAR, {"customer_ids": list(customer_ids)})
    rows: list[Row] = [
        {
            "customer_id": customer_id,
            "hours": [round(one * PER_CENT) for one in found.hours],
            "days": [round(one * PER_CENT) for one in found.days],
            "n": n,
            "model": model,
            "at": at,
        }
        for customer_id, (found, n) in own.items()
    ]
    await insert_many(connection, SendTime, rows)


async def clear(connection: AsyncConnection) -> None:
    """Nobody has hours of her own any more."""
    await connection.execute(delete(SendTime))


async def follow_merge(connection: AsyncConnection, loser: str) -> None:
    """What was learnt of a profile that was merged is of nobody any more; the survivor's is learnt the next night."""
    await connection.execute(delete(SendTime).where(SendTime.customer_id == loser))
