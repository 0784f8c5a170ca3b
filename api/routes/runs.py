"""Runs: which there are, and all of one."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.dependencies import READS
from api.errors import problems
from api.parameters import Cursor, Key, Limit, Name, RunId
from api.schemas.pages import PageOf
from api.schemas.runs import RunFull, RunItem, RunState
from api.use_cases import RunsNow
from journeyman.insight.repository import Filters
from journeyman.insight.runs import RunSummary
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["runs"], responses=problems(401, 403, 404, 422))
State = Annotated[RunState | None, Query(description="Only those in this state")]


@router.get("/journeys/{key}/runs", response_model=PageOf[RunItem], dependencies=[READS])
async def list_runs_of_journey(
    key: Key,
    runs: RunsNow,
    state: State = None,
    customer: Name = None,
    step: Name = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RunSummary]:
    """The runs of a journey, the newest first; of a state, a customer or a step alone where these are given."""
    return await runs.of_journey(key, Filters(customer=customer, state=state, step=step), cursor, limit)


@router.get("/runs/{run_id}", response_model=RunFull, dependencies=[READS])
async def read_run(run_id: RunId, runs: RunsNow) -> dict[str, Any]:
    """Steps walked and why, gates with their values, what it waits for and until when, messages, conversions."""
    detail = await runs.detail(run_id)
    return {**asdict(detail.run), **{name: getattr(detail, name) for name in DETAILS}}


DETAILS = tuple(RunFull.model_fields.keys() - RunItem.model_fields.keys())
