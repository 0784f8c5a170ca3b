"""Every query of what is on record of customers beside their profiles and events, for conditions."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.tables import Run
from journeyman.kit.lists import is_among
from journeyman.language.facts import RunFact

_RUNS = select(Run.customer_id, Run.id, Run.journey_key, Run.entered_at, Run.ended_at, Run.outcome).where(
    is_among(Run.customer_id, "customer_ids"), is_among(Run.journey_key, "journeys")
)


async def runs_among(
    connection: AsyncConnection, customer_ids: Collection[str], journeys: Collection[str]
) -> list[tuple[str, RunFact]]:
    """(customer id, run) of all runs that these customers ever had of these journeys."""
    rows = await connection.execute(_RUNS, {"customer_ids": list(customer_ids), "journeys": list(journeys)})
    return [
        (customer_id, RunFact(run_id, journey, entered_at, ended_at, outcome))
        for customer_id, run_id, journey, entered_at, ended_at, outcome in rows
    ]
