"""Every query of runs whose customer turns out to be somebody else."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.tables import Conversion, JournalEntry, Run
from journeyman.kit.lists import is_among


@dataclass(frozen=True, slots=True)
class Attempt:
    """A journal line that an event wrote: an entry, or one that was refused and so has no run."""

    seq: int
    run_id: str | None
    message_id: str


async def attempts(connection: AsyncConnection, customer_id: str) -> list[Attempt]:
    """The customer's entries and refusals with the events that they came of."""
    query = select(JournalEntry.seq, JournalEntry.run_id, JournalEntry.data).where(
        JournalEntry.customer_id == customer_id, or_(JournalEntry.kind == "entered", JournalEntry.kind == "refused")
    )
    return [Attempt(seq, run_id, data.get("message_id", "")) for seq, run_id, data in await connection.execute(query)]


async def give(
    connection: AsyncConnection, run_ids: Collection[str], refusals: Collection[int], customer_id: str
) -> None:
    """These runs with their journal and conversions, and these refused entries, are another customer's."""
    given = {"run_ids": list(run_ids), "seqs": list(refusals)}
    journal = or_(is_among(JournalEntry.run_id, "run_ids"), is_among(JournalEntry.seq, "seqs"))
    for statement in (
        update(Run).where(is_among(Run.id, "run_ids")),
        update(Conversion).where(is_among(Conversion.run_id, "run_ids")),
        update(JournalEntry).where(journal),
    ):
        await connection.execute(statement.values(customer_id=customer_id), given)
