import json
from pathlib import Path

import pytest

from journeyman.cli.doctor import settings_for
from journeyman.cli.main import run
from journeyman.cli.parts import Addresses
from journeyman.cli.state import DataFolder
from tests.conftest import sqlite_url
from tests.parts.postgres import free_port


@pytest.fixture
def no_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that names parts of which none is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOURNEYMAN_TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("JOURNEYMAN_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    return tmp_path


def test_without_a_database_it_says_so_and_makes_none(no_parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 1
    assert "there is no file" in capsys.readouterr().out
    assert list(no_parts.iterdir()) == []


def test_what_does_not_work_ends_it_with_1_and_names_the_mend(
    no_parts: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEYMAN_DATABASE_URL", sqlite_url(sqlite_template, no_parts))
    assert run(["doctor", "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)
    failed = {one["area"] for one in findings if one["level"] == "fail"}
    assert {"temporal", "providers", "intake", "keys"} == failed
    assert all(one["mend"] for one in findings if one["level"] != "ok")
    assert run(["doctor", "--restart-lost"]) == 1
    assert "✗ temporal: does not answer" in capsys.readouterr().out


def test_what_the_environment_leaves_open_is_that_of_the_last_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    addresses = Addresses(
        api="http://127.0.0.1:1",
        documentation="",
        temporal="127.0.0.1:2",
        temporal_ui="http://127.0.0.1:3",
        mailbox="http://127.0.0.1:4",
        smtp="smtp://127.0.0.1:5",
        keys="",
        logs="",
    )
    (tmp_path / "addresses.json").write_text(json.dumps(addresses.as_json()))
    monkeypatch.setenv("JOURNEYMAN_TEMPORAL_ADDRESS", "127.0.0.1:9")
    settings = settings_for(tmp_path)
    assert (settings.temporal_address, settings.smtp_url.get_secret_value()) == ("127.0.0.1:9", "smtp://127.0.0.1:5")
    assert settings.sqlite_file == folder.path / "journeyman.db"
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == folder.secret()
