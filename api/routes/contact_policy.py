"""The contact policy: quiet hours, caps and the holdout of the whole workspace."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import OPERATES, READS
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.use_cases import PoliciesNow
from journeyman.journeys.contact.policies import Kept

router = APIRouter(prefix="/v1/settings/contact-policy", tags=["journeys"], responses=problems(400, 401, 403, 422))
POLICY = {"$ref": "#/components/schemas/ContactPolicy"}


def shown(kept: Kept) -> dict[str, Any]:
    """The document with the instant at which it was written."""
    return {**kept.document, "updated_at": kept.updated_at.isoformat() if kept.updated_at else None}


@router.get("", dependencies=[READS], response_class=Response, responses=gives(POLICY, "The policy"))
async def read_policy(request: Request, policies: PoliciesNow) -> Response:
    """What protects customers from all journeys; without a word where nobody has written one."""
    return answer(request, shown(await policies.read()))


@router.put(
    "",
    dependencies=[OPERATES],
    response_class=Response,
    responses=gives(POLICY, "The policy as it is kept"),
    openapi_extra=takes(POLICY),
)
async def write_policy(request: Request, document: Document, policies: PoliciesNow) -> Response:
    """Let the policy be this, from the next message on; what is held is judged by it when its time comes."""
    return answer(request, shown(await policies.write(document)))
