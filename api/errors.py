"""Errors as problem details (RFC 9457), translated here and nowhere else."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from journeyman.channels.copywriting.errors import EndpointBusyError, EndpointError, TooSlowError
from journeyman.channels.templates import ChangedMeanwhileError
from journeyman.customers.inbox.errors import RefusedError, TooLargeError
from journeyman.customers.inbox.json_text import pointer
from journeyman.customers.sources.errors import SignatureError
from journeyman.journeys.callbacks import ForgedCallbackError
from journeyman.journeys.visiting.visitors import UnprovenError
from journeyman.kit.errors import ConflictError, DomainError, Fault, InvalidError, NotFoundError, OverloadedError
from journeyman.kit.readiness import OUTAGES, NotReadyError, is_outage

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds that a client is asked to wait when the database is away."""

STATUSES: dict[type[DomainError], int] = {
    NotFoundError: 404,
    InvalidError: 422,
    RefusedError: 400,
    TooLargeError: 413,
    ConflictError: 409,
    ChangedMeanwhileError: 412,
    OverloadedError: 429,
    SignatureError: 401,
    ForgedCallbackError: 401,
    UnprovenError: 403,
    NotReadyError: 503,
    EndpointError: 502,
    EndpointBusyError: 503,
    TooSlowError: 504,
}
CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
}


class Mistake(BaseModel):
    """One thing that is wrong in the request."""

    pointer: str = Field(description="JSON Pointer (RFC 6901) into the request's body; `/query/...` for parameters")
    detail: str
    mend: str = Field(description="What to do about it")


class Problem(BaseModel):
    """A problem (RFC 9457). `code` is for programs and stays the same, `detail` is for people."""

    type: str = Field(examples=["urn:journeyman:problem:not_found"])
    title: str
    status: int
    code: str
    detail: str
    errors: list[Mistake] = []


class HttpError(HTTPException):
    """A problem that only the HTTP layer knows."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.faults = tuple(faults)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route documents of its failures."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def problem(
    status: int, code: str, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    body = {
        "type": f"urn:journeyman:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"pointer": fault.pointer, "detail": fault.detail, "mend": fault.mend} for fault in faults],
    }
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every error of `app` is answered as a problem from here on."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    for kind in OUTAGES:
        app.add_exception_handler(kind, _outage)
    app.add_exception_handler(Exception, _unexpected)


async def _domain(_: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - for the type checker; it is registered for this class
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 400)
    headers = {}
    if isinstance(error, OverloadedError):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, NotReadyError):
        headers["Retry-After"] = str(RETRY_AFTER)
    return problem(status, error.code, error.detail, error.faults, headers)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as in `_domain`
    status = error.status_code
    faults = error.faults if isinstance(error, HttpError) else ()
    code = error.code if isinstance(error, HttpError) and error.code else CODES.get(status, "error")
    return problem(status, code, str(error.detail), faults, error.headers)


async def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as in `_domain`
    faults = [_fault(found) for found in error.errors()]
    if any(found["type"] == "json_invalid" for found in error.errors()):
        return problem(400, "malformed", "The body is not JSON.", faults)
    return problem(422, "invalid", faults[0].detail if faults else "The request is not valid.", faults)


def _fault(found: Mapping[str, Any]) -> Fault:
    place, *path = found["loc"]
    where = pointer(*path) if place == "body" else pointer(place, *path)
    mend = "Add it." if found["type"] == "missing" else "See the API's description for what is expected here."
    return Fault(where, found["msg"], mend)


async def _outage(_: Request, error: Exception) -> Response:
    if not is_outage(error):
        raise error
    log.warning("the database is away: %s", error)
    return problem(503, "not_ready", "The database does not answer.", (), {"Retry-After": str(RETRY_AFTER)})


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "unexpected", "Something went wrong here; it is in the log.")
