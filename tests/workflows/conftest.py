from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from journeyman.kit.database import Database
from tests.conftest import sqlite_url
from tests.workflows.theatre import Theatre, theatre


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Theatre]:
    """The workspace on SQLite; rules that lie in queries are proved on both databases elsewhere."""
    async with theatre(Database(sqlite_url(sqlite_template, tmp_path))) as opened:
        yield opened
