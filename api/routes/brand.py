"""The brand's voice, in which copy is proposed."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import OPERATES, READS, caller
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.use_cases import BrandNow
from journeyman.channels.copywriting.brand import KeptVoice

router = APIRouter(prefix="/v1/settings/brand", tags=["templates"], responses=problems(400, 401, 403, 422))
VOICE = {"$ref": "#/components/schemas/BrandVoice"}


def shown(kept: KeptVoice) -> dict[str, Any]:
    """The document with the instant at which it was written, and by whom."""
    at = kept.updated_at.isoformat() if kept.updated_at else None
    return {**kept.document, "updated_at": at, "actor": kept.actor}


@router.get("", dependencies=[READS], response_class=Response, responses=gives(VOICE, "The voice"))
async def read_brand(request: Request, brand: BrandNow) -> Response:
    """How the brand speaks; without a word where nobody has written it."""
    return answer(request, shown(await brand.read()))


@router.put(
    "",
    dependencies=[OPERATES],
    response_class=Response,
    responses=gives(VOICE, "The voice as it is kept"),
    openapi_extra=takes(VOICE),
)
async def write_brand(request: Request, document: Document, brand: BrandNow) -> Response:
    """Let the voice be this for all copy that is proposed from now on."""
    return answer(request, shown(await brand.write(document, caller(request))))
