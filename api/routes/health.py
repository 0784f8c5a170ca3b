"""Whether this process lives, whether it can work, and what it has counted."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from api.dependencies import MetricsNow, ServicesNow
from api.errors import problems
from journeyman.kit.readiness import check

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    status: Literal["alive"]


class Ready(BaseModel):
    status: Literal["ready"]


@router.get("/livez")
async def is_alive() -> Alive:
    """The process answers."""
    return Alive(status="alive")


@router.get("/readyz", responses=problems(503))
async def is_ready(services: ServicesNow) -> Ready:
    """The database answers."""
    await check(services.database)
    return Ready(status="ready")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def read_metrics(services: ServicesNow, metrics: MetricsNow) -> Response:
    """Figures in the text format of Prometheus."""
    metrics.depth.set(await services.inbox.waiting())
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
