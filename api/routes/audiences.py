"""Audiences of ad networks."""

from fastapi import APIRouter

from api.dependencies import READS
from api.errors import problems
from api.schemas.audiences import AudienceShown
from api.use_cases import AudiencesNow
from journeyman.journeys.audiences.standing import AudienceStanding

router = APIRouter(prefix="/v1/audiences", tags=["journeys"], responses=problems(401, 403))


@router.get("", response_model=list[AudienceShown], dependencies=[READS])
async def list_audiences(audiences: AudiencesNow) -> list[AudienceStanding]:
    """Every audience of the providers file, and of journeys, with how far its ad network is."""
    return await audiences.all()
