"""The examples in the pages are true: every YAML block is read by the models that read a team's documents."""

import re
from typing import Any

import pytest
from pydantic import BaseModel

from journeyman.channels.content_check import content_faults
from journeyman.channels.copywriting.voice import read_voice
from journeyman.channels.templates import read_content
from journeyman.kit.yaml_format import load_yaml
from journeyman.language.conditions import CONDITION, EVENT_CONDITION
from journeyman.language.definition import Definition
from journeyman.language.steps.split import Split
from journeyman.language.validation import parse
from tests.house.tree import ROOT, pages

FENCE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = {**pages("docs/guides"), **pages("docs/semantics"), "README.md": (ROOT / "README.md").read_text()}
BLOCKS = [(page, block) for page, text in PAGES.items() for block in FENCE.findall(text)]
PARTS = {"exit", "goals", "steps", "tests", "quiet_hours", "caps"}
"""What tells a part of a journey from a condition."""
WHOLE = {"journey": "example", "entry": {"on": "api"}, "steps": [{"id": "stay", "wait": {"for": "1d"}}]}


def documents(block: str) -> list[Any]:
    """What stands in a block: one document, or one a line where each line is one."""
    lines = [line for line in block.splitlines() if line and not line.startswith("#")]
    alone = all(line.startswith(("{", "where: {")) for line in lines)
    return [load_yaml(line) for line in lines] if alone else [load_yaml(block)]


def check(document: Any) -> BaseModel | None:  # noqa: PLR0911 - one for each kind of document
    """Read a document as what it is. Raises what its model raises."""
    match document:
        case {"journey": _, "steps": _}:
            return parse({"entry": WHOLE["entry"], **document})
        case {"channel": _, "subject": _}:
            content = read_content(document)
            assert content_faults(content) == []
            return content
        case {"where": where}:
            return EVENT_CONDITION.validate_python(where)
        case {"voice": _}:
            return read_voice(document)
        case {"winner": _} | {"bandit": _}:
            return Split.model_validate({"arms": [{"key": "a"}, {"key": "b"}], **document})
        case list():
            return Definition.model_validate({**WHOLE, "steps": document})
        case dict() if document.keys() & PARTS or isinstance(document.get("entry"), dict):
            return Definition.model_validate({**WHOLE, **document})
    return CONDITION.validate_python(document)


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=lambda text: text[:40].splitlines()[0])
def test_an_example_is_what_the_models_take(page: str, block: str) -> None:
    for document in documents(block):
        assert check(document) is not None, page


def test_there_are_examples() -> None:
    assert len(BLOCKS) > len(pages("docs/semantics"))


@pytest.mark.parametrize("kind", ["journeys", "templates"])
def test_the_shops_documents_are_what_the_models_take(kind: str) -> None:
    found = sorted((ROOT / "examples/shop" / kind).glob("*.yaml"))
    assert found
    for file in found:
        assert check(load_yaml(file.read_text())) is not None, file
