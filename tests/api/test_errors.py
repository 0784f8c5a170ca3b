"""Every failure is a problem (RFC 9457)."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from api.dependencies import ADMINISTERS, OPERATES, READS
from journeyman.kit.errors import ConflictError, DomainError, Fault, InvalidError, NotFoundError, OverloadedError
from journeyman.kit.keys.keys import Role
from journeyman.kit.readiness import NotReadyError

router = APIRouter()
RAISED: dict[str, tuple[Exception, int]] = {
    "not_found": (NotFoundError("No journey has the key x."), 404),
    "invalid": (InvalidError("No.", [Fault("/name", "It is missing.", "Add it.")]), 422),
    "conflict": (ConflictError("It is there."), 409),
    "overloaded": (OverloadedError("Later.", 7), 429),
    "not_ready": (NotReadyError("Soon."), 503),
    "error": (DomainError("No."), 400),
    "unexpected": (ZeroDivisionError("secret"), 500),
}


class Thing(BaseModel):
    name: str
    parts: list[int] = []


@router.get("/raise/{code}")
async def fail(code: str) -> None:
    raise RAISED[code][0]


@router.post("/things")
async def make(thing: Thing, limit: int = 1) -> Thing:
    return Thing(name=thing.name, parts=thing.parts[:limit])


@router.get("/reads", dependencies=[READS])
@router.post("/operates", dependencies=[OPERATES])
@router.put("/administers", dependencies=[ADMINISTERS])
async def guarded() -> str:
    return "done"


@pytest.fixture(autouse=True)
def _routes(app: FastAPI) -> None:
    app.include_router(router)


@pytest.mark.parametrize("code", RAISED)
async def test_errors_of_use_cases_have_one_form(client: httpx.AsyncClient, code: str) -> None:
    answer = await client.get(f"/raise/{code}")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (RAISED[code][1], RAISED[code][1], code)
    assert problem["type"] == f"urn:journeyman:problem:{code}"
    assert problem["title"]
    assert "secret" not in answer.text
    if code == "invalid":
        assert problem["errors"] == [{"pointer": "/name", "detail": "It is missing.", "mend": "Add it."}]
    if code == "overloaded":
        assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("path", "body", "status", "pointer"),
    [
        ("/things", b'{"parts":["x"],"name":"n"}', 422, "/parts/0"),
        ("/things", b"{}", 422, "/name"),
        ("/things?limit=x", b'{"name":"n"}', 422, "/query/limit"),
        ("/things", b"{", 400, "/1"),
        ("/things", b"", 422, ""),
    ],
)
async def test_bodies_that_do_not_fit_are_named(
    client: httpx.AsyncClient, path: str, body: bytes, status: int, pointer: str
) -> None:
    answer = await client.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


async def test_unknown_paths_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["code"] == "not_found"
    answer = await client.delete("/livez")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


async def test_no_body_may_be_larger_than_ten_megabytes(client: httpx.AsyncClient) -> None:
    body = b'{"name":"' + b"x" * (10 * 1024 * 1024) + b'"}'
    answer = await client.post("/things", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("GET", "/reads", {Role.READ, Role.OPERATOR, Role.ADMIN}),
        ("POST", "/operates", {Role.OPERATOR, Role.ADMIN}),
        ("PUT", "/administers", {Role.ADMIN}),
    ],
)
async def test_each_role_may_what_it_may(
    client: httpx.AsyncClient, keys: dict[Role, str], method: str, path: str, roles: set[Role]
) -> None:
    for role, key in keys.items():
        answer = await client.request(method, path, headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == (200 if role in roles else 403), role
        if role not in roles:
            assert all(needed in answer.json()["detail"] for needed in roles)
    assert (await client.request(method, path)).status_code == 401
    assert (await client.request(method, path, auth=(keys[Role.ADMIN], ""))).status_code == 401, "Basic is for ingest"
