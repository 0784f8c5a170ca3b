"""Notices to the team."""

from fastapi import APIRouter

from api.dependencies import READS
from api.errors import problems
from api.parameters import Limit
from api.schemas.notices import NoticeShown
from api.use_cases import NoticesNow
from journeyman.journeys.notices.repository import Kept

router = APIRouter(prefix="/v1/notices", tags=["operations"], responses=problems(401, 403, 422))


@router.get("", response_model=list[NoticeShown], dependencies=[READS])
async def list_notices(notices: NoticesNow, limit: Limit = 50) -> list[Kept]:
    """What the team was told of, or is to be, the newest first."""
    return await notices.newest(limit)
