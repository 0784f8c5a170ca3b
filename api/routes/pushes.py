"""Segments pushed to a webhook: where to, when, and how far."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import Cursor, Key, Limit
from api.schemas.pages import PageOf
from api.schemas.pushes import PushFull, SegmentWebhookFull, SignedWebhook, WebhookWanted
from api.use_cases import SegmentWebhooksNow
from journeyman.journeys.pushing.repository import Push, Webhook
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1/segments/{key}", tags=["segments"], responses=problems(400, 401, 403, 404, 422))
PushId = Annotated[str, Path(max_length=64, pattern=r"^psh_[0-9a-f]+$", description="The push's id")]


@router.put("/webhook", responses=problems(409), dependencies=[OPERATES])
async def put_webhook(key: Key, wanted: WebhookWanted, webhooks: SegmentWebhooksNow) -> SignedWebhook:
    """Set where a segment is pushed to. The answer has the secret; it stays the same for this segment."""
    kept = await webhooks.put(key, wanted.url, wanted.attributes)
    shown = SegmentWebhookFull.model_validate(kept)
    return SignedWebhook(**shown.model_dump(), secret=webhooks.secret(key))


@router.get("/webhook", response_model=SegmentWebhookFull, dependencies=[READS])
async def read_webhook(key: Key, webhooks: SegmentWebhooksNow) -> Webhook:
    """Where a segment is pushed to."""
    return await webhooks.get(key)


@router.delete("/webhook", status_code=204, dependencies=[OPERATES])
async def delete_webhook(key: Key, webhooks: SegmentWebhooksNow) -> None:
    """Push the segment nowhere any more; a push that is under way is stopped."""
    await webhooks.delete(key)


@router.post("/pushes", response_model=PushFull, status_code=202, responses=problems(409), dependencies=[OPERATES])
async def push_segment(key: Key, webhooks: SegmentWebhooksNow, request: Request) -> Push:
    """Push all members to the segment's webhook, in signed batches; tried again until each is taken."""
    return await webhooks.push(key, caller(request))


@router.get("/pushes", response_model=PageOf[PushFull], dependencies=[READS])
async def list_pushes(key: Key, webhooks: SegmentWebhooksNow, limit: Limit = 50, cursor: Cursor = None) -> Page[Push]:
    """The pushes of a segment, the newest first."""
    return await webhooks.page(key, cursor, limit)


@router.get("/pushes/{push_id}", response_model=PushFull, dependencies=[READS])
async def read_push(key: Key, push_id: PushId, webhooks: SegmentWebhooksNow) -> Push:
    """How far a push is."""
    return await webhooks.find(key, push_id)
