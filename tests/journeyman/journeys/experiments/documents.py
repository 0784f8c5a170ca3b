"""Journeys with a split, and people who come into them."""

from typing import Any

from sqlalchemy import select

from journeyman.journeys.experiments.tables import SplitAssignment
from tests.builders import journey
from tests.world import World

ARMS = [{"key": "a", "weight": 1}, {"key": "b", "weight": 1}]


def experiment(key: str = "cart", *, arms: list[dict[str, Any]] | None = None, **parts: Any) -> dict[str, Any]:
    """A journey that splits everybody who comes in; both arms go on to a wait."""
    split = {"arms": arms or ARMS, **parts.pop("split", {})}
    goals = [{"key": "order", "on": "event", "event": "Order Completed", "value": {"property": "revenue"}}]
    given = {
        "goals": [{**goal, "within": "90d"} for goal in goals],
        "steps": [{"id": "offer", "split": split}, {"id": "pause", "wait": {"for": "1h"}}],
    }
    return journey(key, **{**given, **parts})


async def assignments(world: World) -> list[Any]:
    """Every arm that was given, in order."""
    query = select(SplitAssignment.__table__).order_by(SplitAssignment.at, SplitAssignment.customer_id)
    async with world.database.reading() as connection:
        return list((await connection.execute(query)).all())


async def arms(world: World) -> dict[str, list[str]]:
    """The arms that each customer was given, one after the other."""
    found: dict[str, list[str]] = {}
    for row in await assignments(world):
        found.setdefault(row.customer_id, []).append(row.arm)
    return found
