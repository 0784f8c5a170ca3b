"""What routes ask for: the services, and a caller who may."""

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBase
from fastapi.params import Depends as Dependency
from fastapi.security.base import SecurityBase

from api.errors import HttpError
from api.limits import read_body
from api.metrics import Metrics
from journeyman.bootstrap import Services
from journeyman.customers.inbox.errors import RefusedError
from journeyman.customers.inbox.json_text import parse
from journeyman.journeys.ports import JourneyRunner
from journeyman.kit.keys.keys import KeyCache, Role


class BearerScheme(SecurityBase):
    """`Authorization: Bearer KEY` (RFC 6750)."""

    def __init__(self) -> None:
        self.model = HTTPBase(scheme="bearer", description="A key of `journeyman key create`")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() or None if scheme.lower() == "bearer" else None


class BasicScheme(SecurityBase):
    """HTTP Basic (RFC 7617) with the key as user name, as clients of the Segment spec send their write key."""

    def __init__(self) -> None:
        self.model = HTTPBase(scheme="basic", description="The key as user name, no password")
        self.scheme_name = "basic"

    async def __call__(self, request: Request) -> str | None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            return base64.b64decode(encoded, validate=True).decode().partition(":")[0] or None
        except (binascii.Error, ValueError):
            return None


async def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


async def metrics(request: Request) -> Metrics:
    found: Metrics = request.app.state.metrics
    return found


async def engine(request: Request) -> JourneyRunner | None:
    found: JourneyRunner | None = request.app.state.engine
    return found


bearer, basic = BearerScheme(), BasicScheme()
ServicesNow = Annotated[Services, Depends(services)]
MetricsNow = Annotated[Metrics, Depends(metrics)]
EngineNow = Annotated[JourneyRunner | None, Depends(engine)]
BearerKey = Annotated[str | None, Security(bearer)]
BasicKey = Annotated[str | None, Security(basic)]


def allowed(*roles: Role) -> Dependency:
    """A dependency that lets callers with one of these roles pass, for a router or a route."""

    async def check(request: Request, key: BearerKey) -> None:
        await _authorise(request, key, roles)

    dependency: Dependency = Depends(check)
    return dependency


READS = allowed(Role.READ, Role.OPERATOR, Role.ADMIN)
OPERATES = allowed(Role.OPERATOR, Role.ADMIN)
ADMINISTERS = allowed(Role.ADMIN)


async def _ingests(request: Request, bearer_key: BearerKey, basic_key: BasicKey) -> None:
    await _authorise(request, bearer_key or basic_key, (Role.INGEST, Role.ADMIN))


INGESTS: Dependency = Depends(_ingests)
"""Apps and pages of the shop: with the key as a bearer token or, as Segment's clients have it, by HTTP Basic."""


async def _asks_for_content(request: Request, bearer_key: BearerKey, basic_key: BasicKey) -> None:
    await _authorise(request, bearer_key or basic_key, tuple(Role))


ASKS_FOR_CONTENT: Dependency = Depends(_asks_for_content)
"""Pages of the shop with the public key, and its back end with one that may read."""


def caller(request: Request) -> str:
    """Who calls, as far as a key tells."""
    return f"api/{request.state.role}"


async def ingest_body(request: Request, bearer_key: BearerKey, basic_key: BasicKey) -> bytes:
    """The body of an ingest call whose sender may send events.

    Segment's browser client sends its key in the body, as `writeKey`, where it sends no header.
    """
    if "authorization" in request.headers:
        await _authorise(request, bearer_key or basic_key, (Role.INGEST, Role.ADMIN))
        return await read_body(request)
    body, key = await _body_and_key(request)
    await _authorise(request, key, (Role.INGEST, Role.ADMIN))
    return body


IngestBody = Annotated[bytes, Depends(ingest_body)]


async def _authorise(request: Request, key: str | None, roles: tuple[Role, ...]) -> None:
    keys: KeyCache = request.app.state.keys
    role = await keys.find(key) if key else None
    if role is None:
        detail = "The key is not valid." if key else "The call needs a key."
        raise HttpError(401, detail, headers={"WWW-Authenticate": 'Bearer realm="journeyman"'})
    if role not in roles:
        needed = " or ".join(roles)
        raise HttpError(403, f"The call needs a key with the role {needed}; this one has the role {role}.")
    request.state.role = role


async def _body_and_key(request: Request) -> tuple[bytes, str | None]:
    try:
        body = await read_body(request)
        document = parse(body).document
    except (HttpError, RefusedError):
        return b"", None
    key = document.get("writeKey") if isinstance(document, dict) else None
    return body, key if isinstance(key, str) else None
