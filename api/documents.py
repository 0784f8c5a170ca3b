"""Documents in and out: JSON, or YAML where the caller asks for it."""

from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response

from api.errors import HttpError, problems
from api.limits import read_body
from journeyman.customers.inbox.json_text import parse, pointer, storable
from journeyman.kit.errors import Fault, InvalidError
from journeyman.kit.yaml_format import dump_yaml, load_yaml

YAML = "application/yaml"
JSON = "application/json"
LARGEST = 1024 * 1024
"""Bytes of a document."""
MOST = 2**63
"""Integers from here on are not kept exactly by every part that a document passes."""


async def document(request: Request) -> Any:  # noqa: ANN401 - any JSON value
    """The document in the request's body. Raises `HttpError`, `RefusedError` and `InvalidError`."""
    body = await read_body(request, LARGEST)
    is_yaml = "yaml" in request.headers.get("content-type", "")
    found = storable(load_yaml(_text(body)) if is_yaml else parse(body).document)
    _refuse_large_numbers(found, ())
    return found


Document = Annotated[Any, Depends(document)]


def answer(request: Request, body: dict[str, Any]) -> Response:
    """The document, in the form that the caller accepts."""
    if "yaml" in request.headers.get("accept", ""):
        return Response(dump_yaml(body), media_type=YAML)
    return Response(orjson.dumps(body), media_type=JSON)


def takes(schema: dict[str, Any]) -> dict[str, Any]:
    """The description of a request body that holds a document."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}, YAML: {"schema": schema}}}}


def gives(schema: dict[str, Any], description: str) -> dict[int | str, dict[str, Any]]:
    """The description of an answer that is a document."""
    content = {JSON: {"schema": schema}, YAML: {"schema": schema}}
    return {200: {"description": description, "content": content}, **problems(404)}


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HttpError(400, f"The body is not UTF-8 at byte {error.start}.") from None


def _refuse_large_numbers(value: object, path: tuple[str | int, ...]) -> None:
    if isinstance(value, int) and not -MOST <= value < MOST:
        fault = Fault(pointer(*path), "the number is beyond 64 bits", "Write a smaller number, or text")
        raise InvalidError(fault.detail, [fault])
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        _refuse_large_numbers(member, (*path, key))
