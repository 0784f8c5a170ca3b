"""What an attribute is: its type, and what people call it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.language.instants import read_instant

AttributeType = Literal["text", "number", "boolean", "instant", "list", "object"]
Source = Literal["inferred", "edited"]

LONGEST_NAME: Final = 200
_TEXT: Final = r"^[^\x00]*$"
_TYPES: Final[Mapping[type, AttributeType]] = {
    bool: "boolean",
    int: "number",
    float: "number",
    list: "list",
    dict: "object",
}
PERSONAL: Final = frozenset(
    {
        "address",
        "avatar",
        "birthday",
        "email",
        "firstName",
        "first_name",
        "lastName",
        "last_name",
        "name",
        "phone",
        "username",
    }
)
"""The reserved traits of Segment's spec (spec/identify, "Traits") that tell who somebody is."""


class AttributeEdit(BaseModel):
    """An attribute as a person describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Annotated[AttributeType, Field(description="What its values are; others are kept as they come, and counted")]
    label: Annotated[str, Field(max_length=200, pattern=_TEXT, description="What people call it")] = ""
    description: Annotated[str, Field(max_length=2000, pattern=_TEXT)] = ""
    is_pii: Annotated[bool, Field(description="Whether it tells who somebody is")] = False


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """An attribute as the workspace knows it.

    `mismatches` is how many changes brought a value of another type, the newest one of the type `mismatched_as`.
    """

    name: str
    type: AttributeType
    label: str
    description: str
    is_pii: bool
    source: Source
    first_seen_at: datetime | None
    updated_at: datetime
    mismatches: int = 0
    mismatched_as: AttributeType | None = None
    mismatched_at: datetime | None = None


def inferred(name: str, kind: AttributeType, now: datetime) -> AttributeDefinition:
    """An attribute of which nothing is known but its first value's type."""
    return AttributeDefinition(name, kind, "", "", name in PERSONAL, "inferred", now, now)


def edited(name: str, edit: AttributeEdit, before: AttributeDefinition | None, now: datetime) -> AttributeDefinition:
    """The attribute from now on. What did not fit is counted anew where the type is another."""
    first_seen_at = before.first_seen_at if before else None
    definition = AttributeDefinition(
        name, edit.type, edit.label, edit.description, edit.is_pii, "edited", first_seen_at, now
    )
    if before is None or before.type != edit.type:
        return definition
    seen = (before.mismatches, before.mismatched_as, before.mismatched_at)
    return AttributeDefinition(
        name, edit.type, edit.label, edit.description, edit.is_pii, "edited", first_seen_at, now, *seen
    )


def type_of(value: object) -> AttributeType | None:
    """The type of a JSON value; null has none. Text that writes an instant is one."""
    if isinstance(value, str):
        return "text" if read_instant(value) is None else "instant"
    return _TYPES.get(type(value))


def fits(kind: AttributeType, wanted: AttributeType) -> bool:
    """Whether a value of the one type may stand where the other is wanted: every instant is a text as well."""
    return kind == wanted or (kind, wanted) == ("instant", "text")
