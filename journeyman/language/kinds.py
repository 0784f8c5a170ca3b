"""Of which kind a condition is: the one key that names it tells, and one sentence says where none does."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError

ASKED_OUTSIDE: Final = frozenset({"weather", "lookup"})
"""What some system outside knows: a `call` step asks it, and the answer stands in the run's context."""


def tag(kind: str) -> str:
    """The name of a union's member. No field is called so: pydantic puts it into the location of an error."""
    return f"<{kind}>"


def is_tag(part: str | int) -> bool:
    """Whether a part of a pydantic error's location names a member of a union, and nothing in the document."""
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def kind_of(kinds: Sequence[str]) -> Callable[[Any], str | None]:
    """A discriminator over `kinds`; it never meets what `one_of` refused."""

    def discriminate(value: object) -> str | None:
        if isinstance(value, BaseModel):
            value = {field.alias or name: None for name, field in type(value).model_fields.items()}
        return next((tag(kind) for kind in kinds if isinstance(value, dict) and kind in value), None)

    return discriminate


def one_of(kinds: Sequence[str], example: str) -> BeforeValidator:
    """Refuses what is not of exactly one of `kinds`."""

    def check(value: object) -> object:
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("condition", "a condition is a mapping; write {example}", {"example": example})
        found = [kind for kind in kinds if kind in value]
        if len(found) == 1:
            return value
        raise _refusal(found, value, kinds)

    return BeforeValidator(check)


def _refusal(found: list[str], value: dict[Any, Any], kinds: Sequence[str]) -> PydanticCustomError:
    known = ", ".join(kinds)
    if found:
        message = "`{first}` and `{second}` are two kinds of condition; write two conditions under `all`"
        return PydanticCustomError("condition_kind", message, {"first": found[0], "second": found[1]})
    outside = sorted(ASKED_OUTSIDE & value.keys())
    if outside:
        message = (
            "`{kind}` is no condition of its own, for the answer comes from outside;"
            " ask by a `call` step before, and write {example}"
        )
        example = "{context: weather.temperature, gte: 20}"
        return PydanticCustomError("condition_outside", message, {"kind": outside[0], "example": example})
    given = ", ".join(f"`{key}`" for key in value) or "an empty mapping"
    message = "{given}: no kind of condition that may stand here; write one of: {known}"
    return PydanticCustomError("condition_kind", message, {"given": given, "known": known})
