"""The application over real databases: inside the test's own loop, or as a process."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from journeyman.bootstrap import Services, build
from journeyman.kit.database import Database
from journeyman.kit.keys.keys import Role, create
from journeyman.settings import Settings
from tests.conftest import sqlite_url
from tests.parts.http_server import HttpServer

ADMIN_KEY = "an-admin-key-for-tests"
INGEST_KEY = "wk_test_123"


@pytest.fixture
async def services(database_url: str) -> AsyncIterator[Services]:
    made = build(Settings(database_url=database_url))
    yield made
    await made.close()


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


@pytest.fixture
async def keys(services: Services) -> dict[Role, str]:
    """One key of each role."""
    return {role: await create(services.database, role, "", services.clock.now()) for role in Role}


@pytest.fixture(scope="session")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """The application as a process, with `ADMIN_KEY` and `INGEST_KEY` taken up from its environment."""
    folder = tmp_path_factory.mktemp("server")
    url = sqlite_url(sqlite_template, folder)
    running = HttpServer(url, JOURNEYMAN_ADMIN_KEY=ADMIN_KEY, JOURNEYMAN_INGEST_KEY=INGEST_KEY)
    yield running
    running.stop()


@pytest.fixture
async def server_database(server: HttpServer) -> AsyncIterator[Database]:
    """The database under `server`."""
    opened = Database(server.database_url)
    yield opened
    await opened.close()
