"""Taking over customers with what they agreed to, for who may record consent."""

from fastapi import APIRouter, Request, Response

from api.dependencies import OPERATES, MetricsNow, ServicesNow
from api.errors import problems
from api.limits import read_body
from api.routes.ingest import PARTLY, take_batch
from api.schemas.imports import import_body
from api.schemas.ingest import Stored

router = APIRouter(prefix="/v1", tags=["imports"], responses=problems(400, 401, 403, 413, 415, 422, 429))


@router.post("/imports", response_model=Stored, responses=PARTLY, dependencies=[OPERATES], openapi_extra=import_body())
async def import_calls(request: Request, services: ServicesNow, metrics: MetricsNow) -> Response:
    """As `batch`, and each call may tell in `consents` what the customer agreed to, with the proof.

    With `imported` in a call's `context` it is history: it may be old, and no journey starts on it.
    """
    return await take_batch(await read_body(request), services, metrics, is_import=True)
