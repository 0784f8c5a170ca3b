"""What the description promises, held against the running application; routes added later are covered by themselves."""

import base64
import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from tests.api.conftest import ADMIN_KEY
from tests.parts.http_server import HttpServer

DOCUMENT: dict[str, Any] = create_app().openapi()
OPEN = (
    *("/livez", "/readyz", "/metrics", "/t/", "/u/", "/p/", "/c/", "/l/", "/schemas/"),
    *("/v1/callbacks/", "/v1/push/opened", "/v1/sources/", "/v1/hooks/{key}/receive", "/v1/web-push/key"),
)
"""Paths that nobody needs a key for: probes, links in messages, schemas, and callbacks, which are signed."""
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in {"get", "put", "post", "delete", "patch"}
]
EXAMPLES = 120
"""How many requests are made in all; shared by the operations, so that the time stays the same as they grow."""
CHECKS: list[CheckFunction] = [status_code_conformance, content_type_conformance, response_schema_conformance]

schema = schemathesis.openapi.from_dict(DOCUMENT)


@schema.parametrize()
@settings(
    max_examples=max(5, EXAMPLES // len(OPERATIONS)),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_description(case: schemathesis.Case[Any], server: HttpServer) -> None:
    response = case.call(base_url=server.url, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert response.status_code < 500
    # A request line beyond 64 KiB never comes to the application: the HTTP server itself refuses it.
    assume(response.content != b"Invalid HTTP request received.")
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize(("method", "path"), [row[:2] for row in OPERATIONS if not row[1].startswith(OPEN)])
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic " + base64.b64encode(b"wrong:").decode()])
def test_nothing_is_done_without_a_key(server: HttpServer, method: str, path: str, header: str | None) -> None:
    headers = {"authorization": header} if header else {}
    address = server.url + path.replace("{", "").replace("}", "")
    answer = httpx.request(method, address, headers=headers, json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_operation_is_described(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["operationId"].replace("_", "").isalnum(), "readable, for clients are made from it"
    assert operation["description"], f"{method} {path} says what it does"
    needs_key = not path.startswith(OPEN)
    assert bool(operation.get("security")) is needs_key
    assert {"401", "403"} <= operation["responses"].keys() or not needs_key


def test_failures_are_problems_and_references_resolve() -> None:
    operations = [operation for _, _, operation in OPERATIONS]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in failures.values())
    text = json.dumps(DOCUMENT)
    names = {part.split('"', 1)[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= DOCUMENT["components"]["schemas"].keys()
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["components"]["securitySchemes"].keys() == {"bearer", "basic"}


def test_the_description_is_served(server: HttpServer) -> None:
    assert httpx.get(f"{server.url}/openapi.json").json() == DOCUMENT
