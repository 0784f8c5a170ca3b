"""Hooks: webhooks of any system, which become events as an operator says."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.dependencies import OPERATES, READS
from api.errors import problems
from api.limits import read_body
from api.parameters import KEY, Cursor, Limit
from api.schemas.hooks import HookTaken, KeptHook, TriedHook
from api.schemas.pages import PageOf
from api.use_cases import HooksNow
from journeyman.customers.hooks.document import HookDocument
from journeyman.customers.hooks.hooks import Kept, Tried
from journeyman.customers.sources.deliveries import Delivery
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1/hooks", tags=["hooks"], responses=problems(400, 401, 403, 422))
public = APIRouter(prefix="/v1/hooks", tags=["ingest"])
HookKey = Annotated[str, Path(min_length=1, max_length=64, pattern=KEY, description="The hook's key")]
LARGEST = 256 * 1024
"""Bytes of a webhook."""
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


@router.get("", response_model=PageOf[KeptHook], dependencies=[READS])
async def list_hooks(hooks: HooksNow, limit: Limit = 50, cursor: Cursor = None) -> Page[Kept]:
    """Every hook, by key."""
    return await hooks.page(cursor, limit)


@router.get("/{key}", response_model=KeptHook, responses=problems(404), dependencies=[READS])
async def read_hook(key: HookKey, hooks: HooksNow) -> Kept:
    """One hook."""
    return await hooks.get(key)


@router.put("/{key}", response_model=KeptHook, dependencies=[OPERATES])
async def write_hook(key: HookKey, document: HookDocument, hooks: HooksNow) -> Kept:
    """Say how webhooks are proven genuine and become events. The secret stands in the environment, under its name."""
    return await hooks.save(key, document.settings)


@router.delete("/{key}", status_code=204, responses=problems(404), dependencies=[OPERATES])
async def delete_hook(key: HookKey, hooks: HooksNow) -> Response:
    """Take no more webhooks there; events that came in stay."""
    await hooks.delete(key)
    return Response(status_code=204)


@router.post(
    "/{key}/try",
    response_model=TriedHook,
    responses=problems(404, 413, 415),
    dependencies=[OPERATES],
    openapi_extra=BODY,
)
async def try_hook(key: HookKey, request: Request, hooks: HooksNow) -> Tried:
    """What this body would become; nothing is verified or stored."""
    return await hooks.attempt(key, Delivery(request.headers, await read_body(request, LARGEST)))


@public.post(
    "/{key}/receive",
    openapi_extra=BODY,
    responses=problems(400, 401, 404, 413, 415, 422, 429),
)
async def receive_hook(key: HookKey, request: Request, hooks: HooksNow) -> HookTaken:
    """Take a webhook, signed by its sender. What it tells becomes events; told twice it counts once."""
    return HookTaken(events=await hooks.receive(key, Delivery(request.headers, await read_body(request, LARGEST))))
