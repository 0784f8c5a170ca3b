"""Runs: which there are, all of one, and what support staff do to one."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import Cursor, IdempotencyKey, Key, Limit, Name, RunId
from api.schemas.pages import PageOf
from api.schemas.runs import RunFull, RunItem, RunState
from api.schemas.versions import MoveRequest
from api.use_cases import InterventionsNow, RunsNow
from journeyman.insight.repository import Filters
from journeyman.insight.runs import RunSummary
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["runs"], responses=problems(401, 403, 404, 422))
CHANGES: dict[str, Any] = {"response_model": RunFull, "responses": problems(409), "dependencies": [OPERATES]}
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


@router.post("/runs/{run_id}/exit", **CHANGES)
async def end_run(
    run_id: RunId, runs: RunsNow, doing: InterventionsNow, request: Request, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Take the customer out now; a run that is over stays as it is."""
    await doing.intervene(run_id, "exit", caller(request), key=idempotency_key)
    return await read_run(run_id, runs)


@router.post("/runs/{run_id}/skip", **CHANGES)
async def skip_step(
    run_id: RunId, runs: RunsNow, doing: InterventionsNow, request: Request, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Go on from the step at which the run stands, without what it still had to do there."""
    await doing.intervene(run_id, "skip", caller(request), key=idempotency_key)
    return await read_run(run_id, runs)


@router.post("/runs/{run_id}/retry", **CHANGES)
async def retry_step(
    run_id: RunId, runs: RunsNow, doing: InterventionsNow, request: Request, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Come to the step once more at which the run stands: a wait begins anew, a message is tried again."""
    await doing.intervene(run_id, "retry", caller(request), key=idempotency_key)
    return await read_run(run_id, runs)


@router.post("/runs/{run_id}/move", **CHANGES)
async def move_run(
    run_id: RunId,
    body: MoveRequest,
    runs: RunsNow,
    doing: InterventionsNow,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Put the run at another step of its version; what that step does is done, also where it was done before."""
    await doing.intervene(run_id, "move", caller(request), to=body.to, key=idempotency_key)
    return await read_run(run_id, runs)


DETAILS = tuple(RunFull.model_fields.keys() - RunItem.model_fields.keys())
