"""`journeyman journey import-from` as a person calls it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from journeyman.cli.main import app
from tests.journeyman.translation.exports import DITTOFEED, KLAVIYO, NAMES

RUNNER = CliRunner()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "flow.json"
    file.write_text(json.dumps(KLAVIYO))
    return file


def test_drafts_are_written_and_can_be_validated(export: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_text(json.dumps(NAMES))
    wishes = ["journey", "import-from", "klaviyo", str(export), "--to", str(tmp_path), "--names", str(names)]
    done = RUNNER.invoke(app, wishes)
    assert done.exit_code == 0, done.output
    assert "left out  a4 (send-sms): channel sms is not available yet" in done.output
    draft = tmp_path / "journeys" / "checkout-abandonment.yaml"
    assert RUNNER.invoke(app, ["journey", "validate", str(draft)]).exit_code == 0
    # The same once more is the same; anything else under the name stays.
    assert RUNNER.invoke(app, wishes).exit_code == 0
    draft.write_text("mine")
    assert RUNNER.invoke(app, wishes).exit_code == 1
    assert draft.read_text() == "mine"


def test_segments_come_along_and_the_report_can_be_read_by_a_program(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps(DITTOFEED))
    done = RUNNER.invoke(app, ["journey", "import-from", "dittofeed", str(file), "--to", str(tmp_path), "--json"])
    (found,) = json.loads(done.stdout)
    assert {line["outcome"] for line in found["report"]} == {"kept", "changed", "fill in", "left out"}
    assert sorted(one.stem for one in (tmp_path / "segments").iterdir()) == ["big-spenders", "lucky"]


def test_what_cannot_be_read_is_bad_input_and_writes_nothing(export: Path, tmp_path: Path) -> None:
    for peer in ("mautic", "hubspot"):
        done = RUNNER.invoke(app, ["journey", "import-from", peer, str(export), "--to", str(tmp_path)])
        assert done.exit_code != 0
    assert not (tmp_path / "journeys").exists()
