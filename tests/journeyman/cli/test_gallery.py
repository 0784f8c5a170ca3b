"""The gallery: every journey in it passes its own tests, holds for anybody, and becomes one's own with one command."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from journeyman.bootstrap import simulation
from journeyman.cli.documents import read_definition
from journeyman.cli.gallery import GALLERY
from journeyman.cli.main import run
from journeyman.cli.simulations import read_with_stock
from journeyman.language.lint import lint
from journeyman.simulation.cases import play
from journeyman.simulation.crowd import invent
from journeyman.simulation.runs import simulate
from tests.builders import NOON
from tests.journeyman.simulation.holding import wrong

JOURNEYS = sorted((GALLERY / "journeys").glob("*.yaml"))
LASTS = timedelta(days=120)
KEYS = [file.stem for file in JOURNEYS]
KEPT_ON_PURPOSE = {"no-exit-on-goal", "many-messages", "endless"}
"""What lint says of some of them and what they are for: a welcome to a VIP goes on after her order."""


def file_of(key: str) -> Path:
    return GALLERY / "journeys" / f"{key}.yaml"


@pytest.mark.parametrize("key", KEYS)
async def test_it_passes_its_own_tests(key: str) -> None:
    definition, stock = read_with_stock(file_of(key))
    assert stock.missing(definition) == []
    assert len(definition.tests) >= 2
    failures = {
        case.name: played.failures
        for case in definition.tests
        if (played := await play(simulation, definition, stock, case)).failures
    }
    assert failures == {}


@pytest.mark.parametrize("key", KEYS)
async def test_it_holds_for_anybody(key: str) -> None:
    definition, stock = read_with_stock(file_of(key))
    people = invent(definition, 5, NOON, LASTS)
    results = (await simulate(simulation, definition, stock, people, NOON, LASTS)).results
    assert list(wrong(definition, people, results, NOON + LASTS)) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_colleague_would_find_little(key: str) -> None:
    assert {finding.code for finding in lint(read_definition(file_of(key)))} <= KEPT_ON_PURPOSE


def test_one_command_makes_one_yours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "new", "come-back", "--from", "win-back", "--to", str(tmp_path)]) == 0
    names = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.yaml")}
    assert {"journeys/come-back.yaml", "templates/winback-miss.yaml", "segments/quiet-for-60-days.yaml"} <= names
    capsys.readouterr()
    assert run(["journey", "test", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith(" 0 failed\n")


def test_what_is_there_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "journeys").mkdir()
    (tmp_path / "journeys" / "mine.yaml").write_text("journey: mine")
    assert run(["journey", "new", "mine", "--from", "trial", "--to", str(tmp_path)]) == 1
    assert "there is something else" in capsys.readouterr().err
    assert not (tmp_path / "templates").exists()


def test_a_journey_that_is_not_there_and_a_key_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "new", "mine", "--from", "nothing"]) == 1
    assert "welcome-series" in capsys.readouterr().err
    assert run(["journey", "new", "My Journey", "--from", "trial"]) == 2


def test_the_gallery_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "gallery", "--json"]) == 0
    assert [one["key"] for one in json.loads(capsys.readouterr().out)] == KEYS


def test_the_guide_lists_the_gallery() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "gallery.md").read_text()
    assert [line for line in guide.splitlines() if line.startswith("| `")] == [
        f"| `{one.journey}` | {one.name} | {one.description} |" for one in map(read_definition, JOURNEYS)
    ]
