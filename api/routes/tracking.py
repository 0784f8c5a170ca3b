"""Links in messages. Nobody needs a key for them: a link carries a seal that only we can make."""

import asyncio
import base64
import logging
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.dependencies import ServicesNow
from api.errors import problems
from api.limits import read_body
from api.pages import SAFE, invalid_link, spoken, unsubscribe_question, unsubscribed
from api.use_cases import ReceiptsNow, SubscriptionsNow, TokensNow
from journeyman.channels.short_links import long_url
from journeyman.kit.errors import InvalidError

log = logging.getLogger(__name__)

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PATIENCE = 2.0
"""Seconds that the reader of a mail waits for our own bookkeeping."""
PREFETCHED = ("purpose", "sec-purpose", "x-purpose", "x-moz")
"""Headers by which browsers say that nobody has clicked yet (Fetch standard, `Sec-Purpose`)."""
NAMELESS = "Mozilla/5.0"
"""All that the proxies of Apple's mail programs say of themselves; browsers say more."""
FORM_LIMIT = 10_000
ONE_CLICK = b"One-Click"

router = APIRouter(tags=["tracking"], responses=problems(400, 422))
Token = Annotated[str, Path(max_length=8000, description="What the link is about, with its seal")]
Code = Annotated[str, Path(pattern="^[2-9A-Za-z]{10}$", description="What the link is kept under")]
HTML: dict[int | str, dict[str, Any]] = {200: {"description": "A page", "content": {"text/html": {}}}}
GIF: dict[int | str, dict[str, Any]] = {200: {"description": "A pixel", "content": {"image/gif": {}}}}
FOUND: dict[int | str, dict[str, Any]] = {302: {"description": "On to the link's own address"}}

_unfinished: set[asyncio.Task[None]] = set()


@router.get("/t/o/{token}", response_class=Response, responses=GIF)
async def note_open(token: Token, request: Request, tokens: TokensNow, receipts: ReceiptsNow) -> Response:
    """The pixel that tells that a message was opened; it is shown whatever comes of that."""
    try:
        message_id = tokens.read_open(token)
    except InvalidError:
        return Response(PIXEL, headers=SAFE, media_type="image/gif")
    if is_person(request) and not is_privacy_proxy(request):
        await patiently(receipts.opened(message_id))
    return Response(PIXEL, headers=SAFE, media_type="image/gif")


@router.get("/t/c/{token}", response_class=Response, status_code=302, responses=FOUND)
async def follow_link(token: Token, request: Request, tokens: TokensNow, receipts: ReceiptsNow) -> Response:
    """Note a click and lead on, only ever to the address that is sealed in the link."""
    try:
        click = tokens.read_click(token)
    except InvalidError:
        return invalid_link(request)
    if is_person(request):
        await patiently(receipts.clicked(click.message_id, click.url))
    return RedirectResponse(click.url, 302, SAFE)


@router.get("/l/{code}", response_class=Response, status_code=302, responses=FOUND)
async def follow_short_link(code: Code, request: Request, services: ServicesNow) -> Response:
    """The short form of a link of ours, as text messages have it; the long one does the rest."""
    url = await long_url(services.database, code)
    return invalid_link(request) if url is None else RedirectResponse(url, 302, SAFE)


@router.get("/u/{token}", response_class=Response, responses=HTML)
async def ask_to_unsubscribe(
    token: Token, request: Request, tokens: TokensNow, subscriptions: SubscriptionsNow
) -> Response:
    """A page with a button. Nothing happens before it is pressed, for programs follow links as well."""
    try:
        message_id = tokens.read_unsubscribe(token)
    except InvalidError:
        return invalid_link(request)
    channel = await subscriptions.channel_of(message_id)
    return unsubscribe_question(spoken(request), channel, tokens.preferences_url(message_id))


@router.post("/u/{token}", response_class=Response, responses=HTML | problems(413, 415))
async def unsubscribe(token: Token, request: Request, tokens: TokensNow, subscriptions: SubscriptionsNow) -> Response:
    """End the subscription: the page's button, or a mail program's one-click call (RFC 8058). Then it is ended."""
    try:
        message_id = tokens.read_unsubscribe(token)
    except InvalidError:
        return invalid_link(request)
    how = "one-click" if ONE_CLICK in await read_body(request, FORM_LIMIT) else "unsubscribe page"
    said = spoken(request)
    wording = said.leaving(await subscriptions.channel_of(message_id))[1]
    ended = await subscriptions.unsubscribe(message_id, how, wording)
    return unsubscribed(said, ended.channel, known=ended.known)


def is_person(request: Request) -> bool:
    """Whether somebody has really followed the link, as far as the request tells."""
    said = " ".join(request.headers.get(name, "") for name in PREFETCHED).lower()
    return request.method != "HEAD" and not any(word in said for word in ("prefetch", "preview", "prerender"))


def is_privacy_proxy(request: Request) -> bool:
    """Whether it is a proxy that fetches every picture as mail comes in, such as Apple's, which names itself no more.

    Such an open says nothing of the reader (Apple, "Use Mail Privacy Protection").
    """
    return request.headers.get("user-agent", "").strip() == NAMELESS


async def patiently(noting: Coroutine[Any, Any, None]) -> None:
    """Let it be noted, but never let the reader wait long or see an error for it."""
    task = asyncio.create_task(_quietly(noting))
    _unfinished.add(task)
    task.add_done_callback(_unfinished.discard)
    await asyncio.wait([task], timeout=PATIENCE)


async def _quietly(noting: Coroutine[Any, Any, None]) -> None:
    try:
        await noting
    except Exception:
        log.exception("an open or a click was not noted")


for path, endpoint in (("/t/o/{token}", note_open), ("/t/c/{token}", follow_link), ("/u/{token}", ask_to_unsubscribe)):
    router.add_api_route(path, endpoint, methods=["HEAD"], response_class=Response, include_in_schema=False)
