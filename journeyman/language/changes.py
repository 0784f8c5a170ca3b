"""A change of an attribute, as starters, exits, goals and waits narrow it down (E5)."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from journeyman.language.paths import MISSING, find, keys_of


def _check_true(value: object) -> object:
    """Refuses 1, which is equal to true and no other word for it."""
    if value is True or value is None:
        return value
    raise PydanticCustomError("changes", "this can only be true; write `changes: true`, or take it out")


AnyChange = Annotated[Literal[True] | None, BeforeValidator(_check_true)]


def changes_in_words(named: Any) -> str:  # noqa: ANN401 - whatever names `changes_to` and `changes_from`
    """Which values a change is narrowed down to, in words."""
    given = named.model_fields_set
    before = f" from {named.changes_from}" if "changes_from" in given else ""
    after = f" to {named.changes_to}" if "changes_to" in given else ""
    return before + after


def changed_as(named: Any, path: str, old: object, new: object) -> tuple[Any, Any] | None:  # noqa: ANN401
    """What a change of a path's first key from `old` to `new` means for `path`: the value before and the one after.

    None where the value at the path did not change, or not from and to what `named` asks for. No value is None.
    """
    keys = keys_of(path)[1:]
    before, after = (_found(value, keys) for value in (old, new))
    if same(before, after):
        return None
    given = named.model_fields_set
    if "changes_to" in given and not same(after, named.changes_to):
        return None
    if "changes_from" in given and not same(before, named.changes_from):
        return None
    return before, after


def _found(value: object, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    found = find(value, keys) if keys else value
    return None if found is MISSING else found


def same(one: object, other: object) -> bool:
    """Equality of JSON values: `1` and `true` are different, `1` and `1.0` are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
