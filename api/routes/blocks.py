"""Blocks: pieces that templates share, kept under their keys."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import OPERATES, READS, ServicesNow
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.parameters import Cursor, Key, Limit
from api.schemas.blocks import BLOCK, KEPT_BLOCK, BlockItem
from api.schemas.pages import PageOf
from journeyman.channels.blocks import blocks
from journeyman.channels.blocks.blocks import SavedBlock
from journeyman.journeys.documents.variants import segment_faults
from journeyman.kit.errors import Fault, InvalidError
from journeyman.kit.pagination import page_of, read_cursor

router = APIRouter(prefix="/v1/blocks", tags=["blocks"], responses=problems(400, 401, 403, 422))


def shown(block: SavedBlock) -> dict[str, Any]:
    """A block as the API shows it."""
    used = {"templates": list(block.templates), "blocks": list(block.blocks)}
    known = {"key": block.key, "hash": block.hash, "updated_at": block.updated_at.isoformat(), "used_by": used}
    return known | block.content.document()


@router.get("", response_model=PageOf[BlockItem], dependencies=[READS])
async def list_blocks(services: ServicesNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Every block, by key."""
    (after,) = read_cursor(cursor, str) or (None,)
    rows = await blocks.list_blocks(services.database, after=after, limit=limit + 1)
    page = page_of(rows, limit, lambda row: (row.key,))
    items = [{"key": row.key, "hash": row.hash, "updated_at": row.updated_at} for row in page.items]
    return {"items": items, "next": page.next}


@router.get(
    "/{key}", response_model=None, responses=gives(KEPT_BLOCK, "The block") | problems(404), dependencies=[READS]
)
async def read_block(key: Key, request: Request, services: ServicesNow) -> Response:
    """A block, as JSON or as YAML, and what renders it."""
    return answer(request, shown(await blocks.get(services.database, key)))


@router.put(
    "/{key}",
    response_model=None,
    openapi_extra=takes(BLOCK),
    responses=gives(KEPT_BLOCK, "The block") | problems(413, 415),
    dependencies=[OPERATES],
)
async def write_block(key: Key, document: Document, services: ServicesNow) -> dict[str, Any]:
    """Keep a block, JSON or YAML, from now on; first every template that renders it is checked with it."""
    if not isinstance(document, dict):
        raise InvalidError("the block cannot be used", [Fault("", "a block is a mapping", "Write `text:` …")])
    content = blocks.read_block(document)
    return shown(await blocks.save(services.database, key, content, services.clock.now(), check=segment_faults))


@router.delete("/{key}", status_code=204, responses=problems(404, 409), dependencies=[OPERATES])
async def delete_block(key: Key, services: ServicesNow) -> None:
    """Forget a block that nothing renders."""
    await blocks.drop(services.database, key)
