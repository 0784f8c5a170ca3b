"""Copy for templates: proposed by a model, taken by people into drafts."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from api.dependencies import OPERATES, READS, caller
from api.documents import gives
from api.errors import problems
from api.parameters import Cursor, IfMatch, Key, Limit, ProposalId
from api.routes.template_drafts import DRAFT
from api.routes.template_drafts import shown as shown_draft
from api.schemas.copywriting import AskedItem, CopyRequestBody, TakeRequest
from api.schemas.pages import PageOf
from api.use_cases import ProposingNow, TakingNow
from journeyman.channels.copywriting.proposing import Asked
from journeyman.kit.pagination import page_of, read_cursor

router = APIRouter(prefix="/v1/templates/{key}/copy", tags=["templates"], responses=problems(400, 401, 403, 404, 422))


def shown(asked: Asked) -> dict[str, Any]:
    """What was asked and what came, as the API shows it."""
    return {**asdict(asked.request), "proposals": [asdict(one) for one in asked.proposals]}


@router.post("", response_model=AskedItem, responses=problems(409, 502, 504), dependencies=[OPERATES])
async def propose_copy(key: Key, wish: CopyRequestBody, request: Request, proposing: ProposingNow) -> dict[str, Any]:
    """Have a model propose texts for the template, each checked. None of them is sent to anybody.

    A proposal for which a finding `refuses` was asked for once more, and cannot be taken.
    """
    return shown(await proposing.ask(key, wish, actor=caller(request)))


@router.get("", response_model=PageOf[AskedItem], dependencies=[READS])
async def list_copy(key: Key, proposing: ProposingNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """What was asked for the template and what came of it, the newest first."""
    (before,) = read_cursor(cursor, str) or (None,)
    found = await proposing.asked(key, before=before, limit=limit + 1)
    page = page_of(found, limit, lambda asked: (asked.request.id,))
    return {"items": [shown(one) for one in page.items], "next": page.next}


@router.post(
    "/{proposal_id}/accept",
    response_model=None,
    responses=gives(DRAFT, "The draft") | problems(409, 412),
    dependencies=[OPERATES],
)
async def accept_copy(
    key: Key, proposal_id: ProposalId, wish: TakeRequest, request: Request, taking: TakingNow, if_match: IfMatch = None
) -> dict[str, Any]:
    """Put a proposal into the template's draft, as its own texts or as a variant. The template stays as it is."""
    told = {"actor": caller(request), "seen": if_match.strip('"') if if_match is not None else None}
    return shown_draft(await taking.take(key, proposal_id, variant=wish.variant, **told))
