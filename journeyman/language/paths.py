"""Dotted paths into JSON documents: `address.city` is `{"address": {"city": …}}`.

A path goes through objects only: `tags.0` finds a key `0` of an object, never the first member of a list, and a key
that itself holds a dot cannot be named.
"""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

LONGEST: Final = 200
DEEPEST: Final = 10


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
"""What a path finds where there is nothing."""


def _check(path: str) -> str:
    """Refuses what one of the databases could not look for: quotes, backslashes and control characters in a key."""
    keys = path.split(".")
    if "" in keys:
        raise PydanticCustomError("path", "a key of this path is empty; write a path such as address.city")
    if any(character in '"\\' or character < " " or is_surrogate(character) for character in path):
        raise PydanticCustomError(
            "path", "a path has no quotes, backslashes or control characters; rename the attribute"
        )
    if len(path) > LONGEST or len(keys) > DEEPEST:
        raise PydanticCustomError("path", "this path is too long; use up to 10 keys and 200 characters")
    return path


def is_surrogate(character: str) -> bool:
    """Half of a UTF-16 pair: no character, and not to be written as UTF-8."""
    return "\ud800" <= character <= "\udfff"


Path = Annotated[
    str,
    AfterValidator(_check),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST,
            "pattern": r'^[^."\\\u0000-\u001f]+(\.[^."\\\u0000-\u001f]+)*$',
            "description": "A dotted path into a JSON document, through objects only",
            "examples": ["country", "address.city"],
        }
    ),
]


@lru_cache(maxsize=4096)
def keys_of(path: str) -> tuple[str, ...]:
    """The keys that a path goes through."""
    return tuple(path.split("."))


def lookup(document: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON value, or MISSING
    """What `document` holds at `path`; `MISSING` where it holds nothing. JSON null is a value here: None."""
    return find(document, keys_of(path))


def find(document: Any, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value, or MISSING
    """`lookup` with the path already taken apart."""
    for key in keys:
        if not isinstance(document, dict | Mapping) or key not in document:
            return MISSING
        document = document[key]
    return document
