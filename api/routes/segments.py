"""Segments: kept, counted, tried out, filled by hand, explained."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import OPERATES, READS
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.parameters import NO_NUL, Cursor, CustomerId, Key, Limit
from api.schemas.pages import PageOf
from api.schemas.segments import (
    SEGMENT,
    KeptSegment,
    Member,
    MembersByHand,
    MembershipMove,
    MembersMoved,
    ReadySegment,
    SegmentCount,
    SegmentExplained,
    SegmentItem,
    SegmentPreview,
)
from api.use_cases import SegmentsNow
from journeyman.customers.segments.library import LIBRARY
from journeyman.customers.segments.repository import Kept, Moved
from journeyman.kit.pagination import page_of, read_cursor

router = APIRouter(prefix="/v1/segments", tags=["segments"], responses=problems(400, 401, 403, 422))
of_customers = APIRouter(
    prefix="/v1/customers/{customer_id}", tags=["segments"], responses=problems(400, 401, 403, 404, 422)
)
WhichCustomer = Annotated[str, Query(max_length=512, pattern=NO_NUL, description="The customer in question")]
KEPT = {"$ref": "#/components/schemas/KeptSegment"}


def shown(kept: Kept) -> dict[str, Any]:
    """A segment as the API shows it."""
    return {
        "key": kept.key,
        "name": kept.name,
        "description": kept.description,
        "when": kept.condition,
        "events": kept.events,
        "created_at": kept.created_at.isoformat(),
        "updated_at": kept.updated_at.isoformat(),
        "built_at": kept.built_at.isoformat() if kept.built_at else None,
    }


def moved(move: Moved) -> MembershipMove:
    kind = "entered" if move.entered else "left"
    return MembershipMove(segment=move.segment, customer=move.customer_id, kind=kind, at=move.at, reason=move.reason)


@router.get("", response_model=PageOf[SegmentItem], dependencies=[READS])
async def list_segments(segments: SegmentsNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Every segment with the number of its members, by key."""
    (after,) = read_cursor(cursor, str) or (None,)
    page = page_of(await segments.listed(after, limit + 1), limit, lambda row: (row[0].key,))
    return {"items": [shown(kept) | {"count": count} for kept, count in page.items], "next": page.next}


@router.get("/library", response_model=list[ReadySegment], dependencies=[READS])
async def read_library() -> list[dict[str, Any]]:
    """Ready segments; keep one with `PUT /v1/segments/{key}` as it is, or changed."""
    return [{"key": key, **document} for key, document in LIBRARY.items()]


@router.post("/preview", openapi_extra=takes(SEGMENT), dependencies=[OPERATES])
async def preview_segment(
    document: Document, segments: SegmentsNow, sample: Annotated[int, Query(ge=0, le=100)] = 10
) -> SegmentPreview:
    """How many customers a segment would hold now, before it is kept."""
    preview = await segments.preview(document, sample)
    return SegmentPreview(count=preview.count, sample=preview.sample)


@router.get("/{key}", response_model=None, responses=gives(KEPT, "The segment") | problems(404), dependencies=[READS])
async def read_segment(key: Key, request: Request, segments: SegmentsNow) -> Response:
    """A segment, as JSON or as YAML."""
    return answer(request, shown(await segments.get(key)))


@router.put(
    "/{key}",
    response_model=KeptSegment,
    responses=problems(409),
    openapi_extra=takes(SEGMENT),
    dependencies=[OPERATES],
)
async def put_segment(key: Key, document: Document, segments: SegmentsNow) -> dict[str, Any]:
    """Keep a segment; its members are found in the background and kept up to date from now on."""
    return shown(await segments.put(key, document))


@router.delete("/{key}", status_code=204, responses=problems(404, 409), dependencies=[OPERATES])
async def delete_segment(key: Key, segments: SegmentsNow) -> None:
    """Take a segment apart; who was in it stays on record."""
    await segments.delete(key)


@router.get("/{key}/count", responses=problems(404), dependencies=[READS])
async def count_segment(key: Key, segments: SegmentsNow) -> SegmentCount:
    """How many customers are in a segment."""
    kept = await segments.get(key)
    return SegmentCount(count=await segments.count(key), building=kept.built_at is None)


@router.get("/{key}/members", response_model=PageOf[Member], responses=problems(404), dependencies=[READS])
async def list_members(key: Key, segments: SegmentsNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Who is in a segment, and since when; by customer id."""
    (after,) = read_cursor(cursor, str) or (None,)
    page = page_of(await segments.members(key, after, limit + 1), limit, lambda row: (row[0],))
    return {"items": [{"customer": customer, "since": since} for customer, since in page.items], "next": page.next}


@router.post("/{key}/members", responses=problems(404, 409), dependencies=[OPERATES])
async def move_members(key: Key, wanted: MembersByHand, segments: SegmentsNow) -> MembersMoved:
    """Put customers on a list that is kept by hand, or take them off it; up to 1,000 each."""
    moves = await segments.set_by_hand(key, wanted.add, wanted.remove)
    return MembersMoved(moved=[moved(one) for one in moves])


@router.get("/{key}/history", response_model=PageOf[MembershipMove], responses=problems(404), dependencies=[READS])
async def list_moves(key: Key, segments: SegmentsNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Who came into a segment and who left it, newest first."""
    await segments.get(key)
    (before,) = read_cursor(cursor, int) or (None,)
    rows = await segments.history(key=key, before=before, limit=limit + 1)
    page = page_of(rows, limit, lambda row: (row[0],))
    return {"items": [moved(move) for _, move in page.items], "next": page.next}


@router.get("/{key}/explain", responses=problems(404), dependencies=[READS])
async def explain_segment(key: Key, customer: WhichCustomer, segments: SegmentsNow) -> SegmentExplained:
    """Why a customer is in a segment, or is not: every part of the condition with what it read."""
    found = await segments.explain(key, await segments.resolve(customer))
    return SegmentExplained(
        member=found.is_member, since=found.since, verdict=found.verdict, recheck_at=found.recheck_at
    )


@of_customers.get("/segments", response_model=PageOf[MembershipMove], dependencies=[READS])
async def list_moves_of_customer(
    customer_id: CustomerId, segments: SegmentsNow, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """Which segments a customer came into and left, newest first."""
    (before,) = read_cursor(cursor, int) or (None,)
    rows = await segments.history(customer_id=await segments.resolve(customer_id), before=before, limit=limit + 1)
    page = page_of(rows, limit, lambda row: (row[0],))
    return {"items": [moved(move) for _, move in page.items], "next": page.next}
