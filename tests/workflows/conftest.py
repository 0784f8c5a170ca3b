from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from journeyman.kit.database import Database
from tests.conftest import sqlite_url
from tests.parts.smtp import SmtpServer
from tests.parts.temporal import TemporalServer
from tests.workflows.theatre import Theatre, theatre


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Theatre]:
    """The workspace on SQLite; rules that lie in queries are proved on both databases elsewhere."""
    async with theatre(Database(sqlite_url(sqlite_template, tmp_path))) as opened:
        yield opened


@pytest.fixture(scope="session")
def real_server() -> Iterator[TemporalServer]:
    """The real server; it asks workflows to continue as new after very few events, and deletes without delay."""
    deletes = ("history.transferProcessorUpdateAckInterval", "history.visibilityProcessorUpdateAckInterval")
    with TemporalServer("limit.historyCount.suggestContinueAsNew=45", *(f'{key}="1s"' for key in deletes)) as started:
        yield started


@pytest.fixture
async def real_stage(real_server: TemporalServer, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Theatre]:
    """The workspace on the real server, on which time passes as it does."""
    client = await Client.connect(real_server.address, data_converter=pydantic_data_converter)
    database = Database(sqlite_url(sqlite_template, tmp_path))
    env = WorkflowEnvironment.from_client(client)
    async with SmtpServer() as smtp, Theatre(env, database, smtp, f"t-{tmp_path.name}").open() as opened:
        yield opened
