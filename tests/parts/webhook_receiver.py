"""Somebody who takes webhooks: HTTP/1.1 on loopback, with answers that a test writes, who checks signatures too."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

SILENT = "silent"
"""A scripted answer: none comes for as long as the connection lasts."""
DIE = "die"
"""A scripted answer: the connection ends without one, after the call was taken."""


@dataclass(frozen=True)
class Taken:
    """A call as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """By the text of the specification alone."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        told = b".".join([self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body])
        mac = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
        return f"v1,{mac}" in self.headers["webhook-signature"].split(" ")


class WebhookReceiver:
    """Answers 204 unless `script` has something else: a status line with headers, `SILENT` or `DIE`."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.script: deque[str] = deque()
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()
        await self._server.wait_closed()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/in?x=1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._answer(reader, writer):
                pass
        writer.close()
        self._open.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers["content-length"]))
        self.taken.append(Taken(head[0].split(" ")[1], headers, body))
        answer = self.script.popleft() if self.script else "204 No Content"
        if answer == SILENT:
            await reader.read()
        if answer in {SILENT, DIE}:
            return False
        writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True
