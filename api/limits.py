"""How much a request may send, and reading its body within that."""

import zlib
from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import HttpError

BATCH_BYTES = 500 * 1024
"""A request of the ingest calls, after decompression."""
BODY_BYTES = 10 * 1024 * 1024
"""Any request at all."""


class BodyLimit:
    """Middleware that ends a request whose body grows beyond `BODY_BYTES`, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_BYTES:
                raise too_large(BODY_BYTES)
            return message

        await self.app(scope, bounded, send)


async def read_body(request: Request, limit: int = BATCH_BYTES) -> bytes:
    """The body, with `Content-Encoding` undone.

    Raises `HttpError`: 413 above `limit` bytes, compressed or not; 400 for broken gzip; 415 for another encoding.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise HttpError(415, f"The content encoding {encoding!r} is not known.", headers={"Accept-Encoding": "gzip"})
    if _announced(request.headers) > limit:
        raise too_large(limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
    body = b"".join(parts)
    return inflate(body, limit) if encoding.endswith("gzip") else body


def inflate(body: bytes, limit: int) -> bytes:
    """Undo gzip (RFC 1952), several members included, never holding more than `limit` bytes of it."""
    parts, left = [], limit
    while body:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            part = member.decompress(body, left + 1)
        except zlib.error as error:
            raise HttpError(400, f"The gzip is broken: {error}.") from None
        if len(part) > left:
            raise too_large(limit)
        if not member.eof:
            raise HttpError(400, "The gzip ends too early.")
        parts.append(part)
        left -= len(part)
        body = member.unused_data
    return b"".join(parts)


def too_large(limit: int) -> HttpError:
    return HttpError(413, f"The body is larger than {limit} bytes.")


def _announced(headers: Headers | Mapping[str, str]) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and length.isascii() else 0
