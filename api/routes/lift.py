"""What journeys bring beside sending nothing."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import READS
from api.errors import problems
from api.parameters import Key
from api.schemas.lift import LiftFigures
from api.use_cases import LiftingNow
from journeyman.insight.lift.lift import Lift

router = APIRouter(prefix="/v1", tags=["statistics"], responses=problems(401, 403, 422))
Days = Annotated[int, Query(ge=1, le=365, description="How long each customer has, from when she came first")]
Past = Annotated[int, Query(ge=1, le=730, description="Customers who came in so many days before now")]


@router.get("/journeys/{key}/lift", response_model=LiftFigures, dependencies=[READS], responses=problems(404))
async def read_journey_lift(key: Key, lifting: LiftingNow, days: Days = 30, past: Past = 180) -> Lift:
    """What the journey brings beside sending nothing: its customers beside those whom chance held out."""
    return await lifting.of(key, days, past)


@router.get("/insight/lift", response_model=LiftFigures, dependencies=[READS])
async def read_lift(lifting: LiftingNow, days: Days = 30, past: Past = 180) -> Lift:
    """What all marketing brings together, by the workspace's holdout."""
    return await lifting.of_all(days, past)
