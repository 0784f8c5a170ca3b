"""The JSON Schema (draft 2020-12) of a journey: what editors complete and check a document with."""

from typing import Any

from pydantic import BaseModel

from journeyman.language.contact import ContactPolicy
from journeyman.language.definition import Definition

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def journey_schema() -> dict[str, Any]:
    """The schema of a whole document."""
    return {"$schema": DIALECT, **Definition.model_json_schema(by_alias=True), "title": "Journey"}


def component_schemas(prefix: str, place: str) -> dict[str, Any]:
    """The same as parts that refer to each other at `place`, each named with a prefix; the whole is `{prefix}`."""
    return _parts(Definition, prefix, place, prefix)


def policy_schemas(prefix: str, place: str) -> dict[str, Any]:
    """As `component_schemas`, of the contact policy and when it was written; the whole is `ContactPolicy`."""
    parts = _parts(ContactPolicy, prefix, place, "ContactPolicy")
    written = {"type": ["string", "null"], "format": "date-time", "description": "When it was written; not to be given"}
    parts["ContactPolicy"]["properties"]["updated_at"] = written
    return parts


def _parts(model: type[BaseModel], prefix: str, place: str, name_of_whole: str) -> dict[str, Any]:
    whole = model.model_json_schema(by_alias=True, ref_template=f"{place}{prefix}{{model}}")
    parts = whole.pop("$defs")
    return {f"{prefix}{name}": part for name, part in parts.items()} | {name_of_whole: whole}
