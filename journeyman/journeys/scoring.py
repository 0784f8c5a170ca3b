"""Counting everybody anew after the rules of a score have changed, a few customers at a time."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.repository import StoredModel
from journeyman.customers.scoring.scores import empty, judge
from journeyman.journeys import facts
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.needs import Needs, needs

CHUNK = 500
"""Customers in one transaction: it holds their locks, and so intake's next batch of them, for a moment only."""


class Rescoring:
    """Makes states from the event log for scores whose rules are new. What is only counted anew is told to nobody."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def step(self, chunk: int = CHUNK) -> int:
        """Count the next few customers of one score anew; how many, and 0 where nothing is left to do.

        May be called by several at once: the definition's row is held, so that they take turns.
        """
        async with self.database.transaction() as connection:
            pending = await self._pending(connection)
            if pending is None or pending.rebuilt_to is None:
                return 0
            ids = await repository.lock_next(connection, pending.rebuilt_to, chunk)
            if ids:
                await rescore(connection, read_model(pending.document), ids, self.clock.now())
            await repository.note_rebuilt(connection, pending.key, ids[-1] if len(ids) == chunk else None)
            return max(len(ids), 1)

    async def _pending(self, connection: AsyncConnection) -> StoredModel | None:
        for stored in await repository.models(connection):
            if stored.rebuilt_to is not None:
                return await repository.model(connection, stored.key, lock=True)
        return None


async def rescore(connection: AsyncConnection, model: ScoreModel, customer_ids: Collection[str], now: datetime) -> None:
    """Make these customers' states from the event log and from what holds of them; who calls has locked them."""
    held = await _held(connection, model, customer_ids, now)
    await repository.rebuild(connection, model, customer_ids, held, now)


async def _held(
    connection: AsyncConnection, model: ScoreModel, customer_ids: Collection[str], now: datetime
) -> dict[str, frozenset[int]]:
    """The rules that hold of each customer."""
    if not model.condition_rules:
        return {}
    wanted = Needs()
    for rule in model.condition_rules.values():
        wanted |= needs(rule.when)
    known = await facts.load(connection, customer_ids, wanted, now)
    attributes = await repository.attributes(connection, customer_ids)
    return {
        customer_id: judge(empty(model), model, one.facts(attributes[customer_id], now)).held
        for customer_id, one in known.items()
    }
