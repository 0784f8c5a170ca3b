"""The suppression list: addresses that are not written to, whoever they belong to."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import NO_NUL, Cursor, Limit
from api.schemas.pages import PageOf
from api.schemas.suppressions import SuppressedAddress, SuppressionBatch, SuppressionsTaken, SuppressionWish
from api.use_cases import SuppressionsNow
from journeyman.channels.repository import SuppressionRow
from journeyman.channels.suppression_list import Taken
from journeyman.language.channels import Channel

router = APIRouter(prefix="/v1/suppressions", tags=["consent"], responses=problems(400, 401, 403, 422))
Address = Annotated[str, Query(min_length=1, max_length=320, pattern=NO_NUL, description="In any spelling")]


@router.get("", response_model=PageOf[SuppressedAddress], dependencies=[READS])
async def list_suppressions(
    suppressions: SuppressionsNow,
    channel: Channel | None = None,
    address: Address | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:  # noqa: ANN401 - a page, of one item at most where an address is asked for
    """The list, newest first; or, with an address, whether that is on it (the channel is then `email` by default)."""
    if address is not None:
        return {"items": await suppressions.find(channel or "email", address), "next": None}
    return await suppressions.page(channel, cursor, limit)


@router.put("", response_model=SuppressedAddress, dependencies=[OPERATES])
async def suppress(wish: SuppressionWish, suppressions: SuppressionsNow, request: Request) -> SuppressionRow:
    """Never write to an address again. One that is on the list keeps its first reason."""
    return await suppressions.add(wish.channel, wish.address, wish.reason, caller(request))


@router.delete("", status_code=204, responses=problems(404), dependencies=[OPERATES])
async def release(suppressions: SuppressionsNow, address: Address, channel: Channel = "email") -> Response:
    """Let an address be written to again. What its customer said of consent stays as it is."""
    await suppressions.remove(channel, address)
    return Response(status_code=204)


@router.post("/import", response_model=SuppressionsTaken, dependencies=[OPERATES])
async def import_suppressions(batch: SuppressionBatch, suppressions: SuppressionsNow, request: Request) -> Taken:
    """Take over another system's list. What is no address is told by its place, and the others are taken."""
    return await suppressions.take(batch.channel, batch.addresses, batch.reason, caller(request))
