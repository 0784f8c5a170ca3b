"""Another system that journeys call: HTTP/1.1 on loopback, with answers that a test writes."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Called:
    """A call as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Says:
    """An answer; without a status the connection ends instead, and with `silent` nothing ever comes."""

    status: int | None = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    after: bool = False
    """The call has its effect all the same: only the answer is another one, or is lost."""

    @property
    def wire(self) -> bytes:
        headers = {"content-type": "application/json", **self.headers, "content-length": str(len(self.body))}
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode() + self.body


def says(status: int | None = 200, document: Any = None, **headers: str) -> Says:
    """An answer with a JSON document."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Says(status, b"" if document is None else json.dumps(document).encode(), given)


class OtherSystem:
    """Answers `200 {}` unless `script` has something else."""

    def __init__(self) -> None:
        self.calls: list[Called] = []
        self.connections = 0
        """How many came, also such as said nothing that is HTTP."""
        self.script: deque[Says] = deque()
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Nobody reaches it from now on."""
        self._server.close()
        for writer in self._open:
            writer.close()
        await self._server.wait_closed()

    def answer(self, called: Called) -> Says:  # noqa: ARG002 - one that speaks a protocol looks at it
        """What is answered where no test has written anything else."""
        return Says()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._answer(reader, writer):
                    pass
        finally:
            # Also where the test ends first.
            writer.close()
            self._open.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        self.calls.append(Called(method, path, headers, body))
        answer = self.script.popleft() if self.script else self.answer(self.calls[-1])
        if answer.after:
            self.answer(self.calls[-1])
        if answer.status is None:
            return False
        if answer.silent:
            await reader.read()
            return False
        writer.write(answer.wire)
        await writer.drain()
        return True
