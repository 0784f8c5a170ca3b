"""Nothing lost, nothing twice, in small: the large one is `python -m bench.crash`."""

from collections import Counter
from pathlib import Path

import pytest

from bench.crash import play
from tests.parts.postgres import PostgresServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_every_part_may_be_killed_and_nothing_is_lost_or_there_twice(tmp_path: Path, kind: str) -> None:
    server = PostgresServer() if kind == "postgresql" else None
    try:
        report = await play(tmp_path, server.url() if server else None, customers=45, kills=1)
    finally:
        if server:
            server.stop()
    assert report.problems == []
    assert report.kills == Counter(api=1, worker=1, temporal=1)
