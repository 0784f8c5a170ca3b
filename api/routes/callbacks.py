"""What providers tell of messages, and what people answer. Nobody needs a key: each call is signed by the provider."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.dependencies import ServicesNow
from api.errors import problems
from api.limits import read_body
from api.schemas.devices import PushOpened
from api.use_cases import CallbackDeskNow, ReceiptsNow
from journeyman.bootstrap import Services
from journeyman.channels.configuration import callback_url
from journeyman.channels.ports import Callback
from journeyman.journeys.callbacks import CallbackDesk

router = APIRouter(prefix="/v1", tags=["callbacks"])
PATHS = frozenset({"/v1/push/opened"})
"""What the service worker of a browser calls."""
LARGEST = 1024 * 1024
"""Bytes of a callback; batches of receipts come in hundreds."""
Provider = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$", description="The provider's name in the file")]


@router.post(
    "/callbacks/{provider}",
    response_class=Response,
    responses=problems(400, 401, 404, 413, 415, 422, 429),
)
async def take_callback(provider: Provider, request: Request, desk: CallbackDeskNow, services: ServicesNow) -> Response:
    """Take receipts and replies of a provider, signed by it. Told twice they count once."""
    return await _answered(provider, request, await read_body(request, LARGEST), desk, services)


@router.get("/callbacks/{provider}", response_class=Response, responses=problems(400, 401, 404, 422))
async def greet_callback(
    provider: Provider, request: Request, desk: CallbackDeskNow, services: ServicesNow
) -> Response:
    """Answer a provider that checks the address before it uses it."""
    return await _answered(provider, request, b"", desk, services)


@router.post("/push/opened", status_code=204, response_class=Response, responses=problems(400, 422))
async def note_press(opened: PushOpened, receipts: ReceiptsNow) -> Response:
    """Note that somebody pressed a notification; its id, which nobody can guess, is all that is needed."""
    await receipts.pressed(opened.id)
    return Response(status_code=204)


async def _answered(provider: str, request: Request, body: bytes, desk: CallbackDesk, services: Services) -> Response:
    """The URL is the one that the provider knows, whatever proxies made of it: some sign it."""
    query = f"?{request.url.query}" if request.url.query else ""
    url = callback_url(services.settings.public_url, provider) + query
    headers = {name.lower(): value for name, value in request.headers.items()}
    answer = await desk.take(provider, Callback(request.method, url, headers, body))
    return Response(answer.body, media_type=answer.content_type)
