"""The HTTP Tracking API of the Segment spec: any client of Segment or RudderStack works with its host changed."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Response

from api.dependencies import IngestBody, MetricsNow, ServicesNow
from api.errors import problems
from api.metrics import Metrics
from api.schemas.ingest import PartlyStored, Refusal, Stored, batch_body, call_body
from journeyman.bootstrap import Services
from journeyman.customers.inbox.calls import CALLS
from journeyman.customers.inbox.errors import RefusedError
from journeyman.customers.inbox.json_text import parse
from journeyman.customers.inbox.reading import Batch, read_batch, read_event
from journeyman.kit.errors import Fault

SHORT = {"p": "page", "i": "identify", "t": "track", "g": "group", "a": "alias", "s": "screen"}
"""Paths of Segment's browser client."""
PATHS = frozenset(f"/v1/{name}" for name in (*CALLS, *SHORT, "batch", "b"))
STORED = b'{"success":true}'

router = APIRouter(prefix="/v1", tags=["ingest"], responses=problems(400, 401, 403, 413, 415, 422, 429))


def receiver(kind: str) -> Callable[..., Coroutine[Any, Any, Response]]:
    """The endpoint of one kind of call."""

    async def receive_call(body: IngestBody, services: ServicesNow, metrics: MetricsNow) -> Response:
        received_at = services.clock.now()
        with metrics.counting_refusals():
            parsed = parse(body)
            event = read_event(parsed.document, kind=kind, received_at=received_at, plain=parsed.plain)
        stored = await services.inbox.accept([event], received_at)
        metrics.took_in(accepted=len(stored), duplicate=1 - len(stored))
        return Response(STORED, media_type="application/json")

    receive_call.__doc__ = CALLS[kind].__doc__
    return receive_call


async def receive_batch(body: IngestBody, services: ServicesNow, metrics: MetricsNow) -> Response:
    """Calls of any kind together. A bad one is refused by itself: `207` names it, and the others are stored."""
    return await take_batch(body, services, metrics)


async def take_batch(body: bytes, services: Services, metrics: Metrics, *, is_import: bool = False) -> Response:
    received_at = services.clock.now()
    with metrics.counting_refusals():
        batch = read_batch(parse(body), received_at=received_at, is_import=is_import)
    metrics.took_in(refused=len(batch.refusals))
    if batch.refusals and not batch.events:
        raise all_refused(batch)
    stored = await services.inbox.accept(batch.events, received_at)
    metrics.took_in(accepted=len(stored), duplicate=len(batch.events) - len(stored))
    return partly_stored(batch) if batch.refusals else Response(STORED, media_type="application/json")


def partly_stored(batch: Batch) -> Response:
    refusals = [
        Refusal(
            index=index,
            message_id=refusal.message_id,
            pointer=f"/batch/{index}{refusal.faults[0].pointer}",
            detail=refusal.faults[0].detail,
            mend=refusal.faults[0].mend,
        )
        for index, refusal in batch.refusals
    ]
    body = PartlyStored(success=False, accepted=len(batch.events), errors=refusals)
    return Response(body.model_dump_json(by_alias=True), 207, media_type="application/json")


def all_refused(batch: Batch) -> RefusedError:
    faults = [
        Fault(f"/batch/{index}{fault.pointer}", fault.detail, fault.mend)
        for index, refusal in batch.refusals
        for fault in refusal.faults
    ]
    return RefusedError("No event of the batch can be taken.", faults)


def add(path: str, name: str, endpoint: Callable[..., Coroutine[Any, Any, Response]], **more: Any) -> None:  # noqa: ANN401 - FastAPI's own options
    router.add_api_route(path, endpoint, methods=["POST"], name=name, summary=name, response_model=Stored, **more)


for call in CALLS:
    add(f"/{call}", call, receiver(call), openapi_extra=call_body(call))
for short, call in SHORT.items():
    add(f"/{short}", call, receiver(call), include_in_schema=False)
PARTLY: dict[int | str, dict[str, Any]] = {207: {"model": PartlyStored, "description": "Some events were refused"}}
add("/batch", "batch", receive_batch, openapi_extra=batch_body(), responses=PARTLY)
add("/b", "batch", receive_batch, include_in_schema=False)
