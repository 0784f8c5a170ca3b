"""The pages say what the code does: everything that has a name is told, and what the code dictates is fresh."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from api.errors import CODES
from docs.generate import written
from journeyman.catalog.interests.interests import EVENTS, InterestKind
from journeyman.catalog.transitions import TransitionKind
from journeyman.journeys.journal import Kind
from journeyman.language.comparisons import OPERATORS
from journeyman.language.conditions import Condition, EventCondition
from journeyman.language.definition import KINDS
from journeyman.language.entry import STARTERS
from journeyman.language.steps.send import Outcome
from journeyman.settings import Settings
from tests.house.tree import PRODUCT, ROOT, module_of, pages, python_files

GUIDES = "\n".join(pages("docs/guides").values())
CODE_PAGE = (ROOT / "docs/reference/codes.md").read_text()
SEMANTICS = pages("docs/semantics")
VARIABLE = re.compile(r"\bJOURNEYMAN_[A-Z]+(?:_[A-Z]+)*\b")
RULES = (
    *("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"),
    *("W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10", "W11", "W12"),
    *("M1", "M2", "M3", "M4", "M5", "M6", "M7"),
    *("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9"),
    *("C1", "C2", "C3"),
    *("P1", "P2", "P3", "P4", "P5", "P6"),
    *("O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8"),
    *("V1", "V2", "V3", "V4", "L1", "L2", "L3"),
)
"""The rules that hold now; the others come with what they rule."""


def kinds_of(union: object) -> set[str]:
    """The kinds of an annotated union of conditions."""
    members = get_args(get_args(union)[0])
    return {get_args(member)[0].kind for member in members}


def calls(name: str, folder: str = "journeyman") -> Iterator[ast.Call]:
    """Every call of a function or class of this name."""
    for file in python_files(folder):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def texts(call: ast.Call, place: int) -> set[str]:
    """The literal texts that an argument may be."""
    if len(call.args) <= place:
        return set()
    values = [node.value for node in ast.walk(call.args[place]) if isinstance(node, ast.Constant)]
    return {value for value in values if isinstance(value, str) and value}


def error_codes() -> set[str]:
    """The `code` of every error class, and those that only the HTTP layer knows."""
    found = set(CODES.values()) | {text for call in calls("problem", "api") for text in texts(call, 1)}
    for file in python_files(*PRODUCT):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                found |= {
                    line.value.value
                    for line in node.body
                    if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
                    if any(isinstance(target, ast.Name) and target.id == "code" for target in line.targets)
                    if isinstance(line.value.value, str)
                }
    return found


def links() -> Iterator[tuple[str, str]]:
    every = {**pages(), **{page.name: page.read_text() for page in ROOT.glob("*.md")}}
    for page, text in every.items():
        for target in re.findall(r"\]\(([^)#][^)]*)\)|src(?:set)?=\"([^\"]+)\"", text):
            yield page, "".join(target)


@pytest.mark.parametrize(("page", "text"), list(written()), ids=lambda value: getattr(value, "name", ""))
def test_generated_pages_are_fresh(page: Path, text: str) -> None:
    assert page.read_text() == text, "run `make docs`"


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    assert [name for name in Settings.model_fields if f"`JOURNEYMAN_{name.upper()}`" not in page] == []
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_variable_that_is_read_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    read = {name for file in python_files(*PRODUCT, "worker.py") for name in VARIABLE.findall(file.read_text())}
    assert read
    assert sorted(name for name in read if f"`{name}`" not in page) == []


@pytest.mark.parametrize("code", sorted(error_codes()))
def test_every_error_code_is_documented(code: str) -> None:
    assert f"`{code}`" in CODE_PAGE


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_journal_kind_is_documented(kind: str) -> None:
    assert f"| `{kind}` |" in CODE_PAGE


@pytest.mark.parametrize("code", sorted(text for call in calls("Refused") for text in texts(call, 0)))
def test_every_refusal_at_the_door_is_documented(code: str) -> None:
    assert f"| `{code}` |" in CODE_PAGE


@pytest.mark.parametrize("code", sorted({text for call in calls("end") for text in texts(call, 3)}))
def test_every_way_to_end_is_documented(code: str) -> None:
    assert f"| `{code}` |" in CODE_PAGE


@pytest.mark.parametrize("gate", sorted({text for call in calls("Gate") for text in texts(call, 0)}))
def test_every_gate_is_documented(gate: str) -> None:
    assert f"| `{gate}` |" in CODE_PAGE


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_outcome_of_a_message_is_documented(outcome: str) -> None:
    assert f"| `{outcome}` |" in CODE_PAGE
    assert f"`{outcome}`" in GUIDES


@pytest.mark.parametrize("kind", [*get_args(TransitionKind), *get_args(InterestKind)])
def test_every_transition_and_interest_is_documented(kind: str) -> None:
    assert f"| `{kind}` |" in CODE_PAGE
    assert f"| `{kind}` |" in GUIDES


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_that_tells_of_products_is_documented(event: str) -> None:
    assert f"`{event}`" in GUIDES


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_kind_has_its_section_in_the_guide(kind: str) -> None:
    assert re.search(rf"^### `{kind}`", GUIDES, re.MULTILINE)


@pytest.mark.parametrize("starter", STARTERS)
def test_every_starter_is_shown_in_the_guide(starter: str) -> None:
    assert re.search(rf"^### .*`on: {starter}`", GUIDES, re.MULTILINE)


@pytest.mark.parametrize("kind", sorted(kinds_of(Condition) | kinds_of(EventCondition)))
def test_every_condition_kind_is_shown_in_the_guide(kind: str) -> None:
    assert re.search(rf"^### .*`{kind}`", GUIDES, re.MULTILINE)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_explained_in_the_guide(operator: str) -> None:
    assert re.search(rf"^\| .*`{operator}`", GUIDES, re.MULTILINE)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_restated_with_an_example(rule: str) -> None:
    sections = [part for text in SEMANTICS.values() for part in re.split(r"^(?=#+ )", text, flags=re.MULTILINE)]
    (section,) = [part for part in sections if re.match(rf"#+ {rule}\b", part)]
    assert "*Example.*" in section or "```" in section


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test_that_carries_its_number(rule: str) -> None:
    name = re.compile(rf"def test_{rule.lower()}_")
    assert any(name.search(file.read_text()) for file in python_files("tests"))


def test_no_rule_is_told_that_does_not_hold_yet() -> None:
    told = {rule for text in SEMANTICS.values() for rule in re.findall(r"^#+ ([EWMQOCPVL]\d+)\b", text, re.MULTILINE)}
    assert told == {*RULES}


@pytest.mark.parametrize(("page", "target"), list(links()))
def test_links_lead_somewhere(page: str, target: str) -> None:
    if target.startswith(("http://127.0.0.1", "https://", "mailto:")):
        return
    assert ((ROOT / page).parent / target.partition("#")[0]).exists()


def test_the_map_of_the_code_knows_every_folder() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    packages = {module_of(file) for file in python_files(*PRODUCT) if file.name == "__init__.py"}
    top = {package for package in packages if package.count(".") <= 1}
    assert [package for package in sorted(top) if f"`{package.replace('.', '/')}" not in architecture] == []
