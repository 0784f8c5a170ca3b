"""Figures of journeys."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.dependencies import READS
from api.errors import problems
from api.parameters import Key
from api.schemas.stats import JourneyStats
from api.use_cases import CountingNow
from journeyman.insight.statistics.statistics import Statistics

router = APIRouter(prefix="/v1/journeys", tags=["statistics"], responses=problems(401, 403, 404, 422))
Since = Annotated[AwareDatetime | None, Query(description="From this instant on; default: the beginning")]
Until = Annotated[AwareDatetime | None, Query(description="Before this instant; default: now")]


@router.get("/{key}/stats", response_model=JourneyStats, dependencies=[READS])
async def read_stats(key: Key, counting: CountingNow, since: Since = None, until: Until = None) -> Statistics:
    """Entries, refusals, steps, messages, conversions: counted from the journal, over all versions."""
    return await counting.of(key, since, until)
