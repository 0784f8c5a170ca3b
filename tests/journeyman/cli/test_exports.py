"""`journeyman export` as a shell sees it."""

import os
import subprocess
import sys
from pathlib import Path

from journeyman.kit.database import Database
from tests.journeyman.insight.exports.test_segments import segment

ROOT = Path(__file__).parents[3]


def export(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "journeyman.cli.main", "export", "segment", *arguments]
    environment = os.environ | {"JOURNEYMAN_DATABASE_URL": database_url}
    return subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


async def test_a_segment_is_written_where_it_is_wanted(database: Database, tmp_path: Path) -> None:
    await segment(database, "vip", {"ann": {"email": "ann@example.com"}})
    told = export(database.url, "vip", "--attribute", "email")
    assert told.stdout.splitlines() == ["customer,since,email", "ann,2026-03-02T12:00:00+00:00,ann@example.com"]
    file = tmp_path / "vip.jsonl"
    assert export(database.url, "vip", "--format", "jsonl", "--output", str(file)).stdout == ""
    assert file.read_text().startswith('{"customer":"ann"')
    assert export(database.url, "none").returncode == 1
