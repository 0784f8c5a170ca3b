"""Keeping scores without an event: counting everybody anew after a change of rules, and looking at whom time may move.

Whoever keeps scores may be stopped at any point: what is still to be done stands in the rows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.inbox import repository as inbox
from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.repository import StoredModel
from journeyman.customers.scoring.scores import Held, held_by
from journeyman.customers.scoring.scoring import BEGINNING
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.scoring.tally import Tally, events_of
from journeyman.journeys import facts
from journeyman.journeys.repository import lock_partitions
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs, needs

CHUNK = 500
"""Customers in one transaction: it holds their locks, and so intake's next batch of them, for a moment only."""


class ScoreKeeper:
    """Makes states from the event log for scores whose rules are new, and tells what time alone has crossed."""

    def __init__(self, database: Database, clock: Clock, chunk: int = CHUNK) -> None:
        self.database = database
        self.clock = clock
        self.chunk = chunk
        self.shelf = ScoreShelf()
        self.segments = SegmentShelf()

    async def step(self) -> int:
        """One transaction's work; about how many customers it was about, 0 where there is nothing to do.

        May be called by several at once: they take turns.
        """
        return await self._look_at_due() or await self._count_anew()

    async def _look_at_due(self) -> int:
        """Judge whom time may have moved; what is crossed goes into the inbox as events."""
        now = self.clock.now()
        async with self.database.reading() as connection:
            due = await repository.due(connection, now, self.chunk)
        if not due:
            return 0
        async with self.database.transaction() as connection:
            persons = [one for one in await customers.lock_profiles(connection, due) if one.merged_into is None]
            tally = Tally(await self.shelf.kept(connection), {one.id: one.scores for one in persons}, now)
            await _judge(connection, tally, persons, now)
            for person in persons:
                tally.touch(person.id)
            told = tally.tell()
            await repository.save_scores(connection, {one: tally.document(one) for one in tally.changed})
            await repository.forget(connection, set(due) - tally.changed)
            await repository.save_ranks(connection, tally.changes())
            if tally.turned and (await self.segments.live(connection)).needs.scores:
                await customers.recheck(connection, tally.turned, now)
            await inbox.append_in(connection, events_of(told, now), now)
        return len(due)

    async def _count_anew(self) -> int:
        """Count the next few customers of one score anew; the definition's row is held meanwhile."""
        async with self.database.transaction() as connection:
            pending = await _pending(connection)
            if pending is None or pending.rebuilt_to is None:
                return 0
            if pending.rebuilt_to == BEGINNING:
                # Transactions of intake that do not know of the new rules yet come to their end first.
                await lock_partitions(connection)
            ids = await repository.lock_next(connection, pending.rebuilt_to, self.chunk)
            if ids:
                await rescore(connection, read_model(pending.document), ids, self.clock.now())
                if pending.key in (await self.segments.live(connection)).needs.scores:
                    await customers.recheck(connection, ids, self.clock.now())
            await repository.note_rebuilt(connection, pending.key, ids[-1] if len(ids) == self.chunk else None)
            return max(len(ids), 1)


async def rescore(connection: AsyncConnection, model: ScoreModel, customer_ids: Collection[str], now: datetime) -> None:
    """Make these customers' states from the event log and from what holds of them; who calls has locked them.

    What is only counted anew is told to nobody.
    """
    persons = await customers.lock_profiles(connection, customer_ids) if model.condition_rules else []
    await repository.rebuild(connection, model, customer_ids, await held_now(connection, model, persons, now), now)


async def held_now(
    connection: AsyncConnection, model: ScoreModel, persons: Sequence[Person], now: datetime
) -> dict[str, Held]:
    """Which rules on what holds do so for each of these, empty where the score has none."""
    if not model.condition_rules or not persons:
        return {}
    wanted = Needs()
    for rule in model.condition_rules.values():
        wanted |= needs(rule.when)
    seen = await _facts(connection, persons, wanted, now)
    return {customer_id: held_by(model, one) for customer_id, one in seen.items()}


async def _pending(connection: AsyncConnection) -> StoredModel | None:
    """A score that is not counted anew to the end, locked."""
    for stored in await repository.models(connection):
        if stored.rebuilt_to is not None:
            return await repository.model(connection, stored.key, lock=True)
    return None


async def _judge(connection: AsyncConnection, tally: Tally, persons: Sequence[Person], now: datetime) -> None:
    if any(kept.model.condition_rules for kept in tally.models.values()):
        for customer_id, seen in (await _facts(connection, persons, tally.needs, now)).items():
            tally.judge(customer_id, seen)


async def _facts(
    connection: AsyncConnection, persons: Sequence[Person], wanted: Needs, now: datetime
) -> dict[str, Facts]:
    """What `wanted` names of these customers."""
    known = await facts.load(connection, [one.id for one in persons], wanted, now)
    return {
        one.id: known[one.id].facts(one.attributes, now, computed=one.computed, segments=one.segments)
        for one in persons
    }
