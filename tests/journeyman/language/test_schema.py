import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from journeyman.kit.yaml_format import load_yaml
from journeyman.language.schema import component_schemas, journey_schema
from journeyman.language.validation import parse
from tests.builders import journey

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").rglob("journeys/*.yaml"))


def test_the_published_schema_is_fresh() -> None:
    """Made by `journeyman journey schema > docs/reference/journey.schema.json`."""
    published = json.loads((ROOT / "docs" / "reference" / "journey.schema.json").read_text())
    assert published == journey_schema()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_schema_takes_what_the_language_takes(file: Path) -> None:
    schema = jsonschema_rs.validator_for(journey_schema())
    document = load_yaml(file.read_text())
    schema.validate(document)
    schema.validate(parse(document).to_document())


@pytest.mark.parametrize("wrong", [{"steps": []}, {"entry": {"on": "never"}}, {"colour": "red"}, {"journey": "No Key"}])
def test_the_schema_refuses_what_the_language_refuses(wrong: dict[str, Any]) -> None:
    assert not jsonschema_rs.validator_for(journey_schema()).is_valid({**journey(), **wrong})


def test_as_components_every_reference_resolves() -> None:
    parts = component_schemas("Journey", "#/components/schemas/")
    text = json.dumps(parts)
    named = {part.split('"', 1)[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= parts.keys()
    assert "Journey" in parts
