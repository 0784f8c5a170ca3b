"""The command line as a shell sees it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from journeyman.cli import main
from journeyman.settings import Settings

ROOT = Path(__file__).parents[3]


class Told(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Told]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command with an environment of its own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"JOURNEYMAN_{name.upper()}", raising=False)
    monkeypatch.setenv("JOURNEYMAN_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'journeyman.db'}")

    def command(*arguments: str) -> Told:
        code = main.run(arguments)
        return Told(code, *capsys.readouterr())

    return command


def every_command(app: typer.Typer, *before: str) -> Iterator[list[str]]:
    yield [*before]
    for command in app.registered_commands:
        yield [*before, str(command.name)]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from every_command(group.typer_instance, *before, str(group.name))


def test_every_command_has_help(run: Run) -> None:
    commands = list(every_command(main.app))
    assert ["key", "create"] in commands
    for command in commands:
        told = run(*command, "--help")
        assert told.code == 0, command
        assert f"Usage: {' '.join(['journeyman', *command])}" in told.out


def test_a_shell_gets_the_exit_code_and_the_line() -> None:
    command = [sys.executable, "-m", "journeyman.cli.main", "dance"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stdout, told.stderr) == (2, "", "journeyman: No such command 'dance'.\n")


def test_a_key_is_shown_once_listed_and_ended(run: Run) -> None:
    assert run("migrate").code == 0
    key = run("key", "create", "--role", "ingest", "--label", "shop").out.strip()
    listed = json.loads(run("key", "list", "--json").out)
    assert [(row["role"], row["label"], row["revoked_at"]) for row in listed] == [("ingest", "shop", None)]
    assert key.startswith("jm_ingest_")
    assert key not in json.dumps(listed)
    assert run("key", "revoke", listed[0]["id"]).code == 0
    assert json.loads(run("key", "list", "--json").out)[0]["revoked_at"]
    assert listed[0]["id"] in run("key", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["key", "revoke", "nobody"], 1, "No valid key has the id nobody"),
        (["key", "create", "--role", "king"], 2, "'king' is not one of"),
        (["dance"], 2, "No such command 'dance'"),
        (["journey", "validate", "nowhere.yaml"], 2, "nowhere.yaml: No such file"),
        (["up", "--port", "70000"], 2, "--port"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(run: Run, arguments: list[str], code: int, says: str) -> None:
    run("migrate")
    told = run(*arguments)
    assert told.code == code
    assert told.err.count("\n") == 1
    assert says in told.err
    assert told.out == ""


def test_a_database_that_does_not_answer_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEYMAN_DATABASE_URL", "postgresql+asyncpg://shop:hidden@127.0.0.1:1/shop")
    told = run("migrate")
    assert told.code == 1
    assert told.err.startswith("journeyman: ")
    assert told.err.count("\n") == 1
    assert "hidden" not in told.err


def test_a_setting_that_cannot_be_used_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEYMAN_INTAKE_BATCH", "many")
    told = run("settings")
    assert told.code == 2
    assert "JOURNEYMAN_INTAKE_BATCH" in told.err
    assert "many" not in told.err


def test_settings_show_every_setting_with_its_meaning_and_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEYMAN_SECRET_KEY", "hidden-1")
    monkeypatch.setenv("JOURNEYMAN_SMTP_URL", "smtp://me:hidden-2@mail.example:25")
    told = run("settings", "--json")
    described = {row["name"]: row for row in json.loads(told.out)}
    assert described.keys() == {f"JOURNEYMAN_{name.upper()}" for name in Settings.model_fields}
    assert all(row["description"] for row in described.values())
    assert described["JOURNEYMAN_SECRET_KEY"]["value"] == "(set)"
    assert "hidden" not in told.out
    assert "hidden" not in run("settings").out


def test_settings_can_be_read_back_by_a_shell(run: Run) -> None:
    lines = run("settings").out.splitlines()
    assert "JOURNEYMAN_TEMPORAL_NAMESPACE=default" in lines
    assert all(line.startswith(("#", "JOURNEYMAN_")) for line in lines)
