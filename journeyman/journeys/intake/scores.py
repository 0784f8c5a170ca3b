"""What a batch of events does to scores: counted event by event, written with the batch, told through the inbox."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.inbox import repository as inbox
from journeyman.customers.scoring import repository
from journeyman.customers.scoring.tally import Told, events_of
from journeyman.journeys.intake.batch import Batch
from journeyman.journeys.scoring import rescore


def count(batch: Batch, now: datetime) -> list[Told]:
    """Bring the scores of the batch's customers into their profiles; returns what was crossed."""
    tally = batch.tally
    if not tally.models:
        return []
    persons = [person for person in batch.people.all() if person.merged_into is None]
    if any(kept.model.condition_rules for kept in tally.models.values()):
        for person in persons:
            tally.judge(person.id, batch.facts(person, now))
    told = tally.tell()
    for person in batch.people.all():
        if person.id in tally.changed:
            person.scores, person.is_changed = tally.document(person.id), True
        if person.id in tally.turned and batch.segments.needs.scores:
            # What holds of her is looked at when the batch is decided; segments that name a score are judged soon.
            person.recheck_at = now
    return told


async def save(connection: AsyncConnection, batch: Batch, told: list[Told], now: datetime) -> None:
    """Write the ranks, tell what was crossed, and count anew what rests on other rules; the profiles are written."""
    tally = batch.tally
    if not tally.models:
        return
    await repository.save_ranks(connection, tally.changes())
    await inbox.append_in(connection, events_of(told, now), now)
    stale = defaultdict(list)
    for customer_id, key in tally.stale:
        stale[key].append(customer_id)
    for key, customer_ids in stale.items():
        await rescore(connection, tally.models[key].model, customer_ids, now)
        if key in batch.segments.needs.scores:
            await customers.recheck(connection, customer_ids, now)
