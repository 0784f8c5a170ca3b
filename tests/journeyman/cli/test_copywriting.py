"""`journeyman copy` against a running API and an endpoint that speaks Chat Completions."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from journeyman.cli.main import run
from tests.conftest import sqlite_url
from tests.parts.chat_completions import KEY, MODEL, ChatCompletions
from tests.parts.http_server import HttpServer

ADMIN = "an-admin-key-for-tests"


@pytest.fixture
async def server(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[HttpServer]:
    async with ChatCompletions() as endpoint:
        environment = {
            "JOURNEYMAN_ADMIN_KEY": ADMIN,
            "JOURNEYMAN_AI_URL": f"{endpoint.url}/v1",
            "JOURNEYMAN_AI_KEY": KEY,
            "JOURNEYMAN_AI_MODEL": MODEL,
        }
        running = await asyncio.to_thread(lambda: HttpServer(sqlite_url(sqlite_template, tmp_path), **environment))
        yield running
        running.stop()


async def call(server: HttpServer, *arguments: str) -> int:
    return await asyncio.to_thread(run, ["copy", *arguments, "--url", server.url, "--key", ADMIN])


async def test_copy_is_asked_for_taken_and_published(server: HttpServer, capsys: pytest.CaptureFixture[str]) -> None:
    headers = {"authorization": f"Bearer {ADMIN}"}
    text = {"channel": "sms", "text": "Come back, reply STOP to end"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
        await http.put("/v1/templates/back", json=text)
        assert await call(server, "ask", "back", "--count", "1", "--limit", "text=80", "--json") == 0
        (proposal,) = json.loads(capsys.readouterr().out)["proposals"]
        assert await call(server, "ask", "back", "--count", "1") == 0
        assert "offered\n  text: Fresh 0: Come back" in capsys.readouterr().out
        assert await call(server, "accept", "back", proposal["id"]) == 0
        assert (await http.get("/v1/templates/back")).json()["text"] == text["text"]
        assert await call(server, "publish", "back") == 0
        assert (await http.get("/v1/templates/back")).json()["text"] == proposal["texts"]["text"]


@pytest.mark.parametrize(
    "arguments", [("ask", "back", "--limit", "text=long"), ("accept", "back", "copy_1", "--variant", "berlin")]
)
def test_what_cannot_be_asked_ends_with_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["copy", *arguments, "--key", ADMIN]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
