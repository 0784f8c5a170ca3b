"""What a simulation asks of its database beside what the product asks."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring.tables import ScoreRank
from journeyman.customers.tables import Consent, Customer, InboxEvent
from journeyman.journeys.dates.tables import DueDate

_DUES = select(
    select(func.min(Customer.recheck_at)).scalar_subquery(),
    select(func.min(Consent.expires_at)).where(Consent.end_told.is_(False)).scalar_subquery(),
    select(func.min(ScoreRank.next_at)).scalar_subquery(),
    select(func.min(DueDate.due_at)).scalar_subquery(),
)
_ACCEPTED = select(exists(select(InboxEvent.seq)))


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the passing of time alone next moves somebody who is not in a run: by a segment, a yes, a score, a date."""
    return min((due for due in (await connection.execute(_DUES)).one() if due is not None), default=None)


async def any_accepted(connection: AsyncConnection) -> bool:
    """Whether an event waits for intake."""
    return bool((await connection.execute(_ACCEPTED)).scalar_one())
