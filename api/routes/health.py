"""Whether this process lives, whether it can work, and what it has counted."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from api.dependencies import EngineNow, MetricsNow, ServicesNow
from api.errors import problems
from api.use_cases import CouponsNow, RampsNow
from journeyman.catalog.coupons.codes import STATES
from journeyman.channels.warming.figures import figures
from journeyman.journeys.ports import JourneyRunner
from journeyman.kit.readiness import check

router = APIRouter(tags=["health"])
PATIENCE = 1.0
"""Seconds that the engine has for its answer: who asks whether we are ready waits no longer than two."""


class Alive(BaseModel):
    status: Literal["alive"]


class Ready(BaseModel):
    status: Literal["ready"]
    engine: Literal["answers", "away"] | None = Field(
        default=None, description="Whether the journeys' engine answers; events are taken in also while it is away"
    )


@router.get("/livez")
async def is_alive() -> Alive:
    """The process answers."""
    return Alive(status="alive")


@router.get("/readyz", responses=problems(503), response_model_exclude_none=True)
async def is_ready(services: ServicesNow, engine: EngineNow) -> Ready:
    """The database answers. An engine that is away is told, and is no reason to turn events away: they wait for it."""
    await check(services.database)
    return Ready(status="ready", engine=await word_of(engine) if engine is not None else None)


async def word_of(engine: JourneyRunner) -> Literal["answers", "away"]:
    """Whether the engine answers soon."""
    try:
        async with asyncio.timeout(PATIENCE):
            return "answers" if (await engine.health()).reachable else "away"
    except TimeoutError:
        return "away"


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def read_metrics(services: ServicesNow, metrics: MetricsNow, coupons: CouponsNow, ramps: RampsNow) -> Response:
    """Figures in the text format of Prometheus."""
    metrics.depth.set(await services.inbox.waiting())
    if metrics.lacks_coupons(now := services.clock.now()):
        pools = await coupons.all()
        metrics.count_coupons(((one.key, state, one.total(state)) for one in pools for state in STATES), now)
    metrics.count_warm_up(await figures(services.database, services.clock, ramps))
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
