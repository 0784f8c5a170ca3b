"""Slots on the shop's pages: written by staff, filled for who is there."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import ASKS_FOR_CONTENT, OPERATES, READS
from api.documents import Document, answer, gives, takes
from api.errors import HttpError, problems
from api.parameters import Cursor, Key, Limit
from api.schemas.pages import PageOf
from api.schemas.slots import SLOT, ChosenContent, ContentRequest, Contents, KeptSlot
from api.use_cases import SlotsNow, VisitorNow
from journeyman.customers.inbox.json_text import storable
from journeyman.journeys.visiting.repository import Kept
from journeyman.kit.keys.keys import Role
from journeyman.kit.pagination import page_of, read_cursor

router = APIRouter(prefix="/v1/slots", tags=["slots"], responses=problems(400, 401, 403, 422))
public = APIRouter(prefix="/v1", tags=["ingest"], responses=problems(400, 401, 403, 404, 422))
PATHS = frozenset({"/v1/content"})
"""What browsers call from pages of the shop."""
SLOT_KEPT = {"$ref": "#/components/schemas/KeptSlot"}


def shown(kept: Kept) -> dict[str, Any]:
    """A slot as the API shows it."""
    key, document, updated_at = kept
    return {"key": key, **document, "updated_at": updated_at.isoformat()}


@public.post("/content", dependencies=[ASKS_FOR_CONTENT])
async def choose_content(request: Request, asked: ContentRequest, slots: SlotsNow, visitor: VisitorNow) -> Contents:
    """What each slot shows to who is there, or to the customer whom a back end names."""
    if asked.customer is not None and request.state.role == Role.INGEST:
        raise HttpError(403, "The key is public: with it a visitor says who she is, and nobody names a customer.")
    found = await slots.fill(asked.slots, storable(asked.context), asked.customer or visitor)
    return Contents(
        items={key: ChosenContent.model_validate(one) if one is not None else None for key, one in found.items()}
    )


@router.get("", response_model=PageOf[KeptSlot], dependencies=[READS])
async def list_slots(slots: SlotsNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Every slot, by key."""
    (after,) = read_cursor(cursor, str) or (None,)
    page = page_of(await slots.page(after, limit + 1), limit, lambda kept: (kept[0],))
    return {"items": [shown(kept) for kept in page.items], "next": page.next}


@router.get(
    "/{key}", response_class=Response, responses=gives(SLOT_KEPT, "The slot") | problems(404), dependencies=[READS]
)
async def read_slot(key: Key, request: Request, slots: SlotsNow) -> Response:
    """A slot, as JSON or as YAML."""
    return answer(request, shown(await slots.get(key)))


@router.put(
    "/{key}",
    response_class=Response,
    openapi_extra=takes(SLOT),
    responses=gives(SLOT_KEPT, "The slot") | problems(413, 415),
    dependencies=[OPERATES],
)
async def write_slot(key: Key, document: Document, request: Request, slots: SlotsNow) -> Response:
    """Keep a slot, JSON or YAML; pages show it from their next call on."""
    return answer(request, shown(await slots.save(key, document)))


@router.delete("/{key}", status_code=204, responses=problems(404), dependencies=[OPERATES])
async def delete_slot(key: Key, slots: SlotsNow) -> None:
    """Forget a slot; pages that ask for it show nothing there."""
    await slots.drop(key)
