"""The in-app inbox: what pages and apps of the shop ask for with their public key, and what they tell."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from api.dependencies import INGESTS
from api.errors import problems
from api.parameters import Cursor, Limit
from api.schemas.inbox import InAppItem, InAppMoment, InAppShelf, Noted, item_of
from api.use_cases import InAppMessagesNow, StreamsNow, VisitorNow
from journeyman.channels.in_app.messages import InAppMessage
from journeyman.journeys.visiting.messages import InAppMessages
from journeyman.journeys.visiting.streams import Streams
from journeyman.journeys.visiting.visitors import UnprovenError, Visitor
from journeyman.kit.pagination import page_of, read_cursor

router = APIRouter(prefix="/v1", tags=["ingest"], responses=problems(400, 401, 403, 422, 429), dependencies=[INGESTS])
PATHS = frozenset({"/v1/inbox"})
"""What browsers call from pages of the shop, and everything below."""
HEARTBEAT = b": \n\n"
STRANGER_PAUSE = 1.0
"""Seconds between two looks whether somebody of whom nobody has heard has become known."""
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Server-sent events"}
}
MessageId = Annotated[str, Path(pattern="^msg_[0-9a-f]{32}$", description="The message's id")]


@router.get("/inbox")
async def read_inbox(
    visitor: VisitorNow, messages: InAppMessagesNow, limit: Limit = 50, cursor: Cursor = None
) -> InAppShelf:
    """The visitor's messages, the newest first; nothing of somebody of whom nobody has heard."""
    before = read_cursor(cursor, datetime, str)
    shelf = await messages.of(await messages.customer(visitor), limit + 1, before or None)
    page = page_of(shelf.messages, limit, lambda one: (one.sent_at, one.id))
    return InAppShelf(items=[InAppItem(**item_of(one)) for one in page.items], next=page.next, unread=shelf.unread)


@router.get("/inbox/stream", response_class=StreamingResponse, responses=EVENTS)
async def stream_inbox(visitor: VisitorNow, messages: InAppMessagesNow, streams: StreamsNow) -> StreamingResponse:
    """Server-sent events: `message` with one that comes or changes, `withdrawn` with the `id` of one that is gone.

    All that are there come first, so that a page that lost the line knows everything again.
    """
    await messages.customer(visitor)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(visitor, messages, streams), media_type="text/event-stream", headers=headers)


@router.post("/inbox/{message_id}/{moment}", responses=problems(404))
async def note_in_app_message(
    message_id: MessageId,
    moment: Literal["delivered", "opened", "clicked", "dismissed"],
    told: InAppMoment,
    visitor: VisitorNow,
    messages: InAppMessagesNow,
) -> Noted:
    """Tell what happened to a message: it is a customer event. Who presses or closes one is not shown it again."""
    await messages.note(visitor, message_id, moment, told.url)
    return Noted()


async def _lines(visitor: Visitor, messages: InAppMessages, streams: Streams) -> AsyncIterator[bytes]:
    """What goes over the line; it ends where the visitor turns out to be somebody else, and the page asks anew."""
    yield HEARTBEAT
    try:
        while (customer_id := await messages.customer(visitor)) is None:
            await asyncio.sleep(STRANGER_PAUSE)
            yield HEARTBEAT
    except UnprovenError:
        return
    async for one in streams.of(customer_id):
        yield HEARTBEAT if one is None else _told(one)


def _told(one: InAppMessage | str) -> bytes:
    if isinstance(one, str):
        return b"event: withdrawn\ndata: " + orjson.dumps({"id": one}) + b"\n\n"
    return f"event: message\nid: {one.id}\ndata: ".encode() + orjson.dumps(item_of(one)) + b"\n\n"
