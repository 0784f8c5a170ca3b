"""`journeyman template lint`, as a person and a CI call it."""

import json
from pathlib import Path

import pytest

from journeyman.cli.main import run

EXAMPLES = Path(__file__).parents[3] / "examples" / "shop"
TEMPLATE = """
channel: sms
text: "Hello {{ customer.name }}, {{ entry.item }} is here. Answer STOP to leave"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    file = tmp_path / "templates" / "here.yaml"
    file.write_text(TEMPLATE)
    return file


def test_the_examples_give_no_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", "lint", "--strict", str(EXAMPLES)]) == 0
    assert capsys.readouterr().out == "nothing found\n"


def test_each_finding_is_a_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", "lint", str(file.parent.parent)]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("here/text: `customer.name` is empty for whoever has none; Write")
    assert first.endswith("[no-default]")
    assert last == "1 found"
    assert run(["template", "lint", "--strict", str(file)]) == 1


def test_a_sample_is_what_it_speaks_of(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = tmp_path / "sample.json"
    sample.write_text(json.dumps({"entry": {"item": "tea " * 200}}))
    assert run(["template", "lint", "--json", "--sample", str(sample), str(file)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["template"], one["code"]) for one in found] == [("here", "no-default"), ("here", "many-parts")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channel: sms\ntext: '{% if %}x'", "/text: "),
        ("channel: pigeon", "/channel: templates of the channel `pigeon` cannot be kept"),
        ("- 1", ": a mapping is wanted at the top"),
    ],
)
def test_what_is_no_template_is_one_line_and_two(
    file: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    assert run(["template", "lint", str(file)]) == 2
    assert f"here.yaml{said}" in capsys.readouterr().err


def test_a_folder_without_templates_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", "lint", str(tmp_path)]) == 2
    assert "there is no template in" in capsys.readouterr().err
