"""What every part of a condition shares."""

from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

from journeyman.language.strangers import known_fields, marked


def _leave_null_out(schema: dict[str, Any]) -> None:
    """A field that is not needed may be left out; written as null it would mislead."""
    for field in schema.get("properties", {}).values():
        if "anyOf" not in field or {"type": "null"} not in field["anyOf"]:
            continue
        others = [option for option in field.pop("anyOf") if option != {"type": "null"}]
        field.pop("default", None)
        own = {**others[0], **field} if len(others) == 1 else {**field, "anyOf": others}
        field.update(own)


class Node(BaseModel):
    """A part of a condition: it knows all of its fields, is never changed, and writes back what was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_leave_null_out)

    kind: ClassVar[str]
    """The field that names this kind of condition."""

    @model_validator(mode="before")
    @classmethod
    def _mark_strangers(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        fields = known_fields(cls)
        return marked(value, fields, fields, {})

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # No field means anything by being null; a field that ends with `_` is named after a word of Python.
        return {key.rstrip("_"): value for key, value in write(self).items() if value is not None}

    @property
    def parts(self) -> tuple[tuple[str, "Node"], ...]:
        """The conditions inside this one, each with the JSON Pointer that leads from here to it."""
        return ()

    @cached_property
    def depth(self) -> int:
        """How many conditions stand in one another, this one included."""
        return 1 + max((part.depth for _, part in self.parts), default=0)

    @cached_property
    def size(self) -> int:
        """How many conditions there are, this one included."""
        return 1 + sum(part.size for _, part in self.parts)
