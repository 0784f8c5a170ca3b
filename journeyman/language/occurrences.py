"""How many events there have to be, and what a property of theirs has to come to."""

from functools import cached_property
from typing import Annotated, Any, Final, Self

from pydantic import Discriminator, Field, GetJsonSchemaHandler, Tag, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from journeyman.language.kinds import tag
from journeyman.language.nodes import Node
from journeyman.language.paths import Path
from journeyman.language.values import Number

BOUNDS: Final = ("equals", "gt", "gte", "lt", "lte")

Events = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class Bounded(Node):
    """One or more bounds, all of which have to be kept."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """With what `_some_bound` asks for, so that editors ask for it as well."""
        written = handler.resolve_ref_schema(handler(core))
        written["anyOf"] = [{"required": [name]} for name in BOUNDS]
        return written

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if not self.bounds:
            raise PydanticCustomError("bounds", "there is no bound; write {gte: 1}, for example")
        return self

    @cached_property
    def bounds(self) -> tuple[tuple[str, float], ...]:
        """The bounds as (operator, number)."""
        found = ((name, getattr(self, name)) for name in BOUNDS)
        return tuple((name, number) for name, number in found if number is not None)


class CountBounds(Bounded):
    """Bounds of a number of events."""

    equals: Events | None = None
    gt: Events | None = None
    gte: Events | None = None
    lt: Events | None = None
    lte: Events | None = None


class Aggregate(Bounded):
    """Bounds of what a property of the events comes to."""

    property: Annotated[Path, Field(description="Path of a number among the events' properties", examples=["revenue"])]
    equals: Number | None = None
    gt: Number | None = None
    gte: Number | None = None
    lt: Number | None = None
    lte: Number | None = None


Count = Annotated[
    Annotated[Events, Tag(tag("number"))] | Annotated[CountBounds, Tag(tag("bounds"))],
    Discriminator(lambda value: tag("bounds" if isinstance(value, dict | CountBounds) else "number")),
]
