"""Recipes: calls of well-known systems, to be copied."""

from fastapi import APIRouter

from api.dependencies import READS
from api.errors import problems
from journeyman.journeys.calling.recipes import Recipe, recipes

router = APIRouter(prefix="/v1/recipes", tags=["journeys"], responses=problems(401, 403))


@router.get("", dependencies=[READS])
async def list_recipes() -> list[Recipe]:
    """Every recipe: a connection for the providers' file, and a step for a journey."""
    return list(recipes())
