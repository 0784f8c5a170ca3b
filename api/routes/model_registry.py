"""Models: what each is, whether there is enough data for it, how good it is, and learning one now."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import OPERATES, READS
from api.errors import problems
from api.schemas.model_registry import ModelFull, ModelLine
from api.use_cases import ModelsNow
from journeyman.language.document import KEY

router = APIRouter(prefix="/v1/models", tags=["intelligence"], responses=problems(400, 401, 403, 404, 422))
ModelKey = Annotated[str, Path(pattern=KEY, description="The model's key", examples=["send-times"])]


@router.get("", dependencies=[READS])
async def list_models(models: ModelsNow) -> list[ModelLine]:
    """Every model there may be, whether there is enough data for it or not."""
    return [ModelLine.of(one) for one in await models.shown()]


@router.get("/{key}", dependencies=[READS])
async def read_model(key: ModelKey, models: ModelsNow) -> ModelFull:
    """One model with its card and its versions, the newest first."""
    return ModelFull.of(await models.one(key))


@router.post("/{key}/learn", status_code=202, dependencies=[OPERATES])
async def learn_model(key: ModelKey, models: ModelsNow) -> None:
    """Have a model learnt now, and not only in the coming night."""
    await models.ask(key)
