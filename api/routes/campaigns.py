"""Campaigns: begun, looked at, paused and cancelled."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import KEY, Cursor, IdempotencyKey, Key, Limit
from api.schemas.campaigns import CampaignFull, CampaignWanted
from api.schemas.pages import PageOf
from api.use_cases import CampaignsNow
from journeyman.journeys.campaigns.campaigns import Wanted
from journeyman.journeys.campaigns.repository import Campaign
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["campaigns"], responses=problems(400, 401, 403, 422))
CampaignId = Annotated[str, Path(max_length=64, pattern=r"^cmp_[0-9a-f]+$", description="The campaign's id")]
OfJourney = Annotated[str | None, Query(max_length=128, pattern=KEY, description="Only those of this journey")]


@router.post(
    "/journeys/{key}/campaigns",
    status_code=202,
    response_model=CampaignFull,
    responses=problems(404, 409),
    dependencies=[OPERATES],
)
async def begin_campaign(
    key: Key, body: CampaignWanted, campaigns: CampaignsNow, request: Request, idempotency_key: IdempotencyKey = None
) -> Campaign:
    """Let many customers into a journey that starts on `api` or `schedule`; each entry is judged as any other."""
    return await campaigns.begin(key, Wanted(**body.model_dump()), caller(request), idempotency_key)


@router.get("/campaigns", response_model=PageOf[CampaignFull], dependencies=[READS])
async def list_campaigns(
    campaigns: CampaignsNow, journey: OfJourney = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[Campaign]:
    """Campaigns, the newest first, with what has come of their entries."""
    return await campaigns.page(journey, cursor, limit)


@router.get("/campaigns/{campaign}", response_model=CampaignFull, responses=problems(404), dependencies=[READS])
async def read_campaign(campaign: CampaignId, campaigns: CampaignsNow) -> Campaign:
    """How far a campaign is."""
    return await campaigns.find(campaign)


@router.post(
    "/campaigns/{campaign}/pause", response_model=CampaignFull, responses=problems(404, 409), dependencies=[OPERATES]
)
async def pause_campaign(campaign: CampaignId, campaigns: CampaignsNow, request: Request) -> Campaign:
    """Let nobody else in until it is resumed; who is in goes on."""
    return await campaigns.turn(campaign, "paused", caller(request))


@router.post(
    "/campaigns/{campaign}/resume", response_model=CampaignFull, responses=problems(404, 409), dependencies=[OPERATES]
)
async def resume_campaign(campaign: CampaignId, campaigns: CampaignsNow, request: Request) -> Campaign:
    """Go on where it was paused."""
    return await campaigns.turn(campaign, "under_way", caller(request))


@router.post(
    "/campaigns/{campaign}/cancel", response_model=CampaignFull, responses=problems(404, 409), dependencies=[OPERATES]
)
async def cancel_campaign(campaign: CampaignId, campaigns: CampaignsNow, request: Request) -> Campaign:
    """Let nobody else in at all; who is in goes on."""
    return await campaigns.turn(campaign, "cancelled", caller(request))
