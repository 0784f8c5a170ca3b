"""Webhooks of shops and payment services. Nobody needs a key for them: each is signed with the source's secret."""

from fastapi import APIRouter, Request

from api.errors import problems
from api.limits import read_body
from api.schemas.sources import SourceName, Taken
from api.use_cases import ReceivingNow
from journeyman.customers.sources.deliveries import Delivery
from journeyman.customers.sources.receiving import Received

router = APIRouter(prefix="/v1", tags=["sources"])
LARGEST = 5 * 1024 * 1024
"""Bytes of a webhook; an order or a product with hundreds of variants is far below."""

BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post(
    "/sources/{source}",
    response_model=Taken,
    openapi_extra=BODY,
    responses=problems(400, 401, 404, 413, 415, 422, 429),
)
async def take_webhook(source: SourceName, request: Request, receiving: ReceivingNow) -> Received:
    """Take a webhook of a shop, signed by it. What it tells becomes events and products; told twice it counts once."""
    return await receiving.take(source, Delivery(request.headers, await read_body(request, LARGEST)))
