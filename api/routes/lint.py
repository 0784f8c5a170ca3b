"""What is worth a second look in journeys, before they are published and while they are live."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import READS
from api.errors import problems
from api.parameters import Key
from api.schemas.lint import Findings
from api.use_cases import LintingNow

router = APIRouter(prefix="/v1", tags=["journeys"], responses=problems(401, 403, 422), dependencies=[READS])


@router.get("/journeys/{key}/lint", response_model=Findings, responses=problems(404))
async def lint_journey(key: Key, linting: LintingNow) -> dict[str, Any]:
    """What is found in the draft, alone and together with all that is live. Nothing of it is an error."""
    return {"items": await linting.of(key)}


@router.get("/lint", response_model=Findings)
async def lint_all(linting: LintingNow) -> dict[str, Any]:
    """What is found in all journeys that are live, each and together."""
    return {"items": await linting.all()}
