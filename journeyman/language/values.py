"""What a condition compares with: literals, references to other documents, and instants relative to now."""

from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from journeyman.language.durations import Age
from journeyman.language.instants import read_instant
from journeyman.language.nodes import Node
from journeyman.language.paths import Path, is_surrogate, keys_of

LONGEST_TEXT: Final = 1000
MOST_MEMBERS: Final = 1000
LARGEST: Final = 2**63 - 1


class Reference(Node):
    """A value of another document at the time of judging: of the run's entry or context, or of the profile (W10)."""

    entry: Annotated[Path | None, Field(description="Path into what started the run")] = None
    context: Annotated[Path | None, Field(description="Path into the run's context")] = None
    attribute: Annotated[Path | None, Field(description="Path into the customer's attributes")] = None

    @model_validator(mode="before")
    @classmethod
    def _one_source(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict) and not (len(value) == 1 and value.keys() <= {"entry", "context", "attribute"}):
            raise PydanticCustomError("reference", "this refers to nothing; write {entry: path}, or context, attribute")
        return value

    @cached_property
    def source(self) -> Literal["entry", "context", "attribute"]:
        if self.entry is not None:
            return "entry"
        return "context" if self.context is not None else "attribute"

    @cached_property
    def path(self) -> str:
        return self.entry or self.context or self.attribute or ""

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return keys_of(self.path)


class Ago(Node):
    """That long before now."""

    ago: Age


class Ahead(Node):
    """That long after now."""

    ahead: Age


def _check_text(text: str) -> str:
    """Refuses what PostgreSQL's text cannot hold."""
    if len(text) > LONGEST_TEXT:
        raise PydanticCustomError("text", "this text is too long; use up to 1000 characters")
    if any(character == "\0" or is_surrogate(character) for character in text):
        raise PydanticCustomError("text", "this text holds a character that is none; take out NUL and half surrogates")
    return text


def _check_scalar(value: object) -> object:
    if isinstance(value, str):
        return _check_text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # NaN and the infinities fail this as well: JSON has none of them.
        if -LARGEST <= value <= LARGEST or (isinstance(value, float) and value - value == 0):
            return value
        raise PydanticCustomError("number", "this number does not fit 64 bits; write a smaller one, or text")
    if value is None:
        raise PydanticCustomError("null", "null is no value; write `exists: false`")
    raise PydanticCustomError(
        "scalar", "this is no single value; write text, a number, true or false, in quotes if need be"
    )


def _check_ordered(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("ordered", "true and false have no order; write `equals`")
    return _check_scalar(value)


def _check_number(value: object) -> object:
    if isinstance(value, int | float):
        return _check_ordered(value)
    raise PydanticCustomError("number", "this is no number; write one, without quotes")


def _check_moment(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        # YAML reads an unquoted instant as one.
        value = value.isoformat()
    if read_instant(value) is None:
        raise PydanticCustomError("instant", "this is no instant; write 2026-03-01T12:00:00Z or {ago: 3d}")
    return value


def check_some(value: object) -> object:
    """Refuses what is no list, or an empty one. The bound of pydantic would complain again of every bad member."""
    if not isinstance(value, list | tuple) or not value:
        raise PydanticCustomError("list", "this is no list, or an empty one; write [a, b]")
    return value


def _check_members(value: object) -> object:
    check_some(value)
    if isinstance(value, list | tuple) and len(value) > MOST_MEMBERS:
        raise PydanticCustomError("list", "this list is too long; use up to 1000 values")
    return value


def _kind_of_value(value: object) -> str:
    return "<reference>" if isinstance(value, dict | Reference) else "<literal>"


def _kind_of_moment(value: object) -> str:
    if isinstance(value, Ago) or (isinstance(value, dict) and "ago" in value):
        return "<ago>"
    if isinstance(value, Ahead) or (isinstance(value, dict) and "ahead" in value):
        return "<ahead>"
    return _kind_of_value(value)


Text = Annotated[str, Field(strict=True), AfterValidator(_check_text)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200), AfterValidator(_check_text)]
Scalar = Annotated[str | bool | int | float, BeforeValidator(_check_scalar)]
Ordered = Annotated[str | int | float, BeforeValidator(_check_ordered)]
Number = Annotated[int | float, BeforeValidator(_check_number)]
Moment = Annotated[str, BeforeValidator(_check_moment), Field(examples=["2026-03-01T12:00:00Z"])]

_ToReference = Annotated[Reference, Tag("<reference>")]
ScalarOrReference = Annotated[Annotated[Scalar, Tag("<literal>")] | _ToReference, Discriminator(_kind_of_value)]
OrderedOrReference = Annotated[Annotated[Ordered, Tag("<literal>")] | _ToReference, Discriminator(_kind_of_value)]
TextOrReference = Annotated[Annotated[Text, Tag("<literal>")] | _ToReference, Discriminator(_kind_of_value)]
MembersOrReference = Annotated[
    Annotated[
        tuple[Scalar, ...],
        BeforeValidator(_check_members),
        Field(json_schema_extra={"minItems": 1, "maxItems": MOST_MEMBERS}),
        Tag("<literal>"),
    ]
    | _ToReference,
    Discriminator(_kind_of_value),
]
MomentOrReference = Annotated[
    Annotated[Moment, Tag("<literal>")]
    | Annotated[Ago, Tag("<ago>")]
    | Annotated[Ahead, Tag("<ahead>")]
    | _ToReference,
    Discriminator(_kind_of_moment),
]
