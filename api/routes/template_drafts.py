"""Drafts of templates: what one becomes once somebody publishes it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import OPERATES, READS, caller
from api.documents import answer, gives
from api.errors import problems
from api.parameters import IfMatch, Key
from api.routes.templates import KEPT
from api.routes.templates import shown as shown_template
from api.use_cases import TemplateDraftsNow
from journeyman.channels.copywriting.drafts import Draft

router = APIRouter(prefix="/v1/templates/{key}/draft", tags=["templates"], responses=problems(400, 401, 403, 404, 422))
DRAFT = {"$ref": "#/components/schemas/TemplateDraft"}


def shown(draft: Draft) -> dict[str, Any]:
    """A draft as the API shows it."""
    known = {"key": draft.key, "hash": draft.hash, "made_of": draft.made_of}
    return {**known, "updated_at": draft.updated_at.isoformat(), "actor": draft.actor, **draft.content.document()}


@router.get("", response_model=None, responses=gives(DRAFT, "The draft"), dependencies=[READS])
async def read_template_draft(key: Key, request: Request, drafts: TemplateDraftsNow) -> Response:
    """The draft of the template, as JSON or as YAML; `made_of` is the hash of the template that it was made of."""
    return answer(request, shown(await drafts.read(key)))


@router.post(
    "/publish", response_model=None, responses=gives(KEPT, "The template") | problems(412), dependencies=[OPERATES]
)
async def publish_template_draft(
    key: Key, request: Request, drafts: TemplateDraftsNow, if_match: IfMatch = None
) -> dict[str, Any]:
    """Let the template be its draft from the next message on; with `If-Match` only where the draft has that hash."""
    seen = if_match.strip('"') if if_match is not None else None
    return shown_template(await drafts.publish(key, actor=caller(request), seen=seen))


@router.delete("", status_code=204, dependencies=[OPERATES])
async def drop_template_draft(key: Key, drafts: TemplateDraftsNow) -> None:
    """Forget the draft; the template stays as it is."""
    await drafts.drop(key)
