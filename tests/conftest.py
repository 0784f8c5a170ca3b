"""Real parts for every test: both databases with the product's own migrations."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from journeyman.kit.database import Database
from journeyman.kit.ids import new_id
from journeyman.kit.migrations import upgrade
from tests.parts.postgres import PostgresServer

# How long an example takes says more about who else is at work on the machine than about the example.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server whose database `template` holds the newest tables."""
    server = PostgresServer()
    server.execute("CREATE DATABASE template_jm")
    upgrade(server.url("template_jm"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "journeyman.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


def sqlite_url(template: Path, folder: Path) -> str:
    copy = folder / "journeyman.db"
    copy.write_bytes(template.read_bytes())
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty, migrated database; every test that uses it runs on both kinds."""
    if request.param == "sqlite":
        yield sqlite_url(request.getfixturevalue("sqlite_template"), tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = new_id("t")
    server.execute(f"CREATE DATABASE {name} TEMPLATE template_jm STRATEGY file_copy")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()
