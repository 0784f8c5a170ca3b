"""The JSON Schema (draft 2020-12) of a journey: what editors complete and check a document with."""

from typing import Any

from journeyman.language.definition import Definition

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def journey_schema() -> dict[str, Any]:
    """The schema of a whole document."""
    return {"$schema": DIALECT, **Definition.model_json_schema(by_alias=True), "title": "Journey"}


def component_schemas(prefix: str, place: str) -> dict[str, Any]:
    """The same as parts that refer to each other at `place`, each named with a prefix; the whole is `{prefix}`."""
    whole = Definition.model_json_schema(by_alias=True, ref_template=f"{place}{prefix}{{model}}")
    parts = whole.pop("$defs")
    return {f"{prefix}{name}": part for name, part in parts.items()} | {prefix: whole}
