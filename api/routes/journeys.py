"""Journeys as documents: written, published, stopped, and entered by a call."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import OPERATES, READS, caller
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.parameters import Cursor, IdempotencyKey, Key, Limit
from api.schemas.journeys import (
    JOURNEY,
    EnterAnswer,
    EnterCall,
    EnterCalls,
    JourneyItem,
    Published,
    PublishRequest,
    SavedDraft,
)
from api.schemas.pages import PageOf
from api.use_cases import CallsNow, DraftsNow
from journeyman.journeys.calls import Call
from journeyman.journeys.drafts import JourneyDocument, Publication
from journeyman.journeys.migration.planning import Wish
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["journeys"], responses=problems(400, 401, 403, 422))


@router.get("/journeys", response_model=PageOf[JourneyItem], dependencies=[READS])
async def list_journeys(drafts: DraftsNow, limit: Limit = 50, cursor: Cursor = None) -> Page[JourneyDocument]:
    """Every journey, by key."""
    return await drafts.page(cursor, limit)


@router.get(
    "/journeys/{key}", response_model=None, responses=gives(JOURNEY, "The draft document"), dependencies=[READS]
)
async def read_journey(key: Key, request: Request, drafts: DraftsNow) -> Response:
    """The draft of a journey, as JSON or as YAML."""
    return answer(request, (await drafts.read(key)).draft)


@router.put(
    "/journeys/{key}",
    response_model=SavedDraft,
    openapi_extra=takes(JOURNEY),
    responses=problems(413, 415),
    dependencies=[OPERATES],
)
async def write_journey(key: Key, document: Document, drafts: DraftsNow) -> JourneyDocument:
    """Keep a document, JSON or YAML, as the journey's draft; what is published does not change."""
    return await drafts.save(key, document)


@router.post(
    "/journeys/{key}/publish",
    response_model=Published,
    responses=problems(404),
    dependencies=[OPERATES],
)
async def publish_journey(
    key: Key, drafts: DraftsNow, request: Request, wish: PublishRequest | None = None
) -> Publication:
    """Make the draft the version that newcomers take; those inside stay, or take it too, now or at their next step."""
    wanted = wish or PublishRequest()
    inside = Wish(wanted.inside, wanted.map, wanted.share)
    return await drafts.publish(key, inside=inside.inside, dry_run=wanted.dry_run, wish=inside, by=caller(request))


@router.post(
    "/journeys/{key}/enter",
    status_code=202,
    response_model=EnterAnswer,
    responses=problems(404, 409, 429),
    dependencies=[OPERATES],
)
async def enter_journey(
    key: Key, body: EnterCall | EnterCalls, calls: CallsNow, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Ask for the entry of one customer or of up to 1,000; what comes of it is decided in order with all events."""
    wanted = [Call(one.customer, one.context) for one in (body if isinstance(body, list) else [body])]
    return {"accepted": await calls.enter(key, wanted, idempotency_key)}
