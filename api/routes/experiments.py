"""Experiments of journeys: their figures, what can be said of them, and decisions by hand."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import Key
from api.schemas.experiments import DecisionWanted, ExperimentFull
from api.schemas.pages import PageOf
from api.use_cases import JudgingNow
from journeyman.kit.pagination import Page
from journeyman.language.document import KEY

router = APIRouter(
    prefix="/v1/journeys/{key}/experiments", tags=["experiments"], responses=problems(400, 401, 403, 404, 422)
)
Step = Annotated[str, Path(pattern=KEY, description="The id of the `split` step")]


@router.get("", response_model=PageOf[ExperimentFull], dependencies=[READS])
async def list_experiments(key: Key, judging: JudgingNow) -> Page[ExperimentFull]:
    """Every experiment of a journey with its figures at this moment, the newest first, on one page."""
    return Page([ExperimentFull.of(shown) for shown in await judging.of(key)], None)


@router.post("/{step}/decide", responses=problems(409), dependencies=[OPERATES])
async def decide_experiment(
    key: Key, step: Step, wanted: DecisionWanted, judging: JudgingNow, request: Request
) -> ExperimentFull:
    """Send everybody to an arm from now on, but for holdouts and the share that explores."""
    return ExperimentFull.of(await judging.decide(key, step, wanted.arm, caller(request)))
