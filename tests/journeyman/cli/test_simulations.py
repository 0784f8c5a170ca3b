"""`journeyman journey test` and `simulate`, as a person and a CI call them."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from journeyman.cli.main import run

EXAMPLES = Path(__file__).parents[3] / "examples" / "shop"
CART = EXAMPLES / "journeys" / "cart-abandonment.yaml"
JOURNEY = """
journey: hello
entry: {on: event, event: Signed Up}
steps: [{id: mail, send: {channel: email, template: hello}}]
tests:
  - name: is greeted
    given: {customer: {email: a@example.com, consent: [email]}}
    events: [{at: 0m, event: Signed Up}]
    expect: {sends: [mail]}
"""
BESIDE = """
- name: says no and is not
  given: {customer: {email: a@example.com}}
  events: [{at: 0m, event: Signed Up}]
  expect: {sends: [mail]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journeys").mkdir()
    (tmp_path / "journeys" / "hello.yaml").write_text(JOURNEY)
    return tmp_path


def test_the_examples_pass_their_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "test", str(EXAMPLES)]) == 0
    assert capsys.readouterr().out.rstrip().endswith("0 failed")


def test_a_failing_test_ends_with_1_and_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests").mkdir()
    (folder / "tests" / "hello.yaml").write_text(BESIDE)
    report = folder / "report.xml"
    assert run(["journey", "test", str(folder), "--junit", str(report)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "passed  hello: is greeted",
        "FAILED  hello: says no and is not",
        "          sends: expected [mail], found []",
        "1 passed, 1 failed",
    ]
    (suite,) = ET.parse(report).getroot()  # noqa: S314 - our own report
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("hello", "2", "1")
    assert [failure.get("message") for failure in suite.iter("failure")] == ["sends: expected [mail], found []"]


def test_a_bad_test_file_is_one_line_and_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests").mkdir()
    (folder / "tests" / "hello.yaml").write_text("- {name: x, expect: {sends: [mail]}, evnets: []}")
    assert run(["journey", "test", str(folder / "journeys" / "hello.yaml")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "tests/hello.yaml: 0" in error


def test_a_simulation_of_one_tells_her_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "simulate", str(CART), "--at", "2026-03-02T09:00:00"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:16] for line in lines if "sent" in line] == [
        "2026-03-02 09:30",
        "2026-03-03 09:30",
        "2026-03-05 09:30",
    ]
    assert lines[-1] == "outcome: not-bought"


def test_a_simulation_of_many_is_the_same_for_the_same_seed(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["journey", "simulate", str(CART), "--customers", "12", "--at", "2026-03-02T09:00:00", "--json"]
    assert run(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert sum(first["outcomes"].values()) == len(first["customers"]) == 12
    assert run([*arguments, "--seed", "2"]) == 0
    assert json.loads(capsys.readouterr().out) != first


def test_a_backtest_without_a_store_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "backtest", str(CART), "--data", str(tmp_path)]) == 1
    assert "there is no file" in capsys.readouterr().err


def test_lint_says_what_is_worth_a_look(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "lint", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("hello/goals: nothing says what the journey is for")
    assert said[1] == "1 found"
    assert run(["journey", "lint", "--strict", str(folder)]) == 1
    capsys.readouterr()
    assert run(["journey", "lint", "--json", str(EXAMPLES)]) == 0
    assert all(
        {"code", "journey", "pointer", "detail", "mend"} == set(one) for one in json.loads(capsys.readouterr().out)
    )
