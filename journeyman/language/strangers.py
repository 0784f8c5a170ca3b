"""Fields that a part of a document does not know, marked so that their refusal can say which ones it knows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Stranger:
    """Stands for the value of a field that is not there: pydantic hands it back with its refusal of the field.

    `mend` is what to do about a field that the language has and this release has not, None for any other.
    """

    known: tuple[str, ...]
    mend: str | None = None


def known_fields(part: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a part as a document writes them."""
    return tuple(field.alias or name for name, field in part.model_fields.items())


def marked(value: object, fields: Collection[str], known: tuple[str, ...], later: Mapping[str, str]) -> object:
    """`value`, with everything in it that is none of `fields` marked; `later` has the mends of fields to come."""
    if not isinstance(value, dict) or value.keys() <= set(fields):
        return value
    given: dict[Any, Any] = value
    return {name: part if name in fields else Stranger(known, later.get(name)) for name, part in given.items()}
