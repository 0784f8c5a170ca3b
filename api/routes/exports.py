"""Segments as files."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.dependencies import READS
from api.errors import problems
from api.parameters import NO_NUL, Key
from api.use_cases import SegmentExportNow
from journeyman.insight.exports.segments import USUAL

router = APIRouter(prefix="/v1", tags=["segments"], responses=problems(400, 401, 403, 404, 422), dependencies=[READS])
Attributes = Annotated[
    list[Annotated[str, Query(max_length=512, pattern=NO_NUL)]] | None,
    Query(alias="attribute", max_length=50, description="The attributes that become columns, in their order"),
]
CSV: dict[int | str, dict[str, Any]] = {200: {"description": "A file", "content": {"text/csv": {}}}}


@router.get("/segments/{key}/members.csv", response_class=StreamingResponse, responses=CSV)
async def export_members(key: Key, export: SegmentExportNow, attributes: Attributes = None) -> StreamingResponse:
    """Every member of a segment as a row of CSV; no cell of it is taken for a formula by a spreadsheet."""
    name = {"Content-Disposition": f'attachment; filename="{key}.csv"'}
    return StreamingResponse(await export.open(key, "csv", attributes or USUAL), headers=name, media_type="text/csv")
