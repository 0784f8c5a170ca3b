"""Asking a part whether it is ready; whatever goes wrong means not yet."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from journeyman.cli.ports import LOOPBACK

Probe = Callable[[], Awaitable[bool]]
TIMEOUT = 2.0


def http(port: int, path: str) -> Probe:
    """Ready when GET `path` on loopback answers 200."""

    async def ask() -> bool:
        try:
            async with asyncio.timeout(TIMEOUT):
                return await _status(port, path) == b"200"
        except (OSError, TimeoutError):
            return False

    return ask


def file(path: Path) -> Probe:
    """Ready when the part has made its file."""

    async def ask() -> bool:
        return path.exists()  # noqa: ASYNC240 - one look at a local file does not block

    return ask


async def never() -> bool:
    """For a program that does its work and ends."""
    return False


async def connects(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        async with asyncio.timeout(TIMEOUT):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _status(port: int, path: str) -> bytes:
    """The status code of a GET. A client library would cost more to load than all the parts cost to ask."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        line = await reader.readline()
    finally:
        writer.close()
    return line.split(b" ")[1] if line.count(b" ") else b""
