"""One operator and its operand, as attributes, event properties, entry and context values are compared."""

from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.anniversaries import Anniversary, Upcoming
from journeyman.language.durations import Duration
from journeyman.language.instants import read_instant
from journeyman.language.nodes import Node
from journeyman.language.paths import Path, keys_of
from journeyman.language.values import (
    Ago,
    Ahead,
    MembersOrReference,
    MomentOrReference,
    OrderedOrReference,
    Reference,
    ScalarOrReference,
    TextOrReference,
)

Operand = (
    str | int | float | bool | tuple[str | int | float | bool, ...] | Reference | Ago | Ahead | Duration | Upcoming
)

OPERATORS: Final = (
    *("equals", "not_equals", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "starts_with", "ends_with"),
    *("exists", "before", "after", "within_last", "within_next", "anniversary"),
)


class Comparison(Node):
    """A value of a document, found by its path, and one operator. What they mean stands in `operators`."""

    equals: ScalarOrReference | None = None
    not_equals: ScalarOrReference | None = None
    gt: OrderedOrReference | None = None
    gte: OrderedOrReference | None = None
    lt: OrderedOrReference | None = None
    lte: OrderedOrReference | None = None
    in_: Annotated[MembersOrReference | None, Field(alias="in", description="Equal to one of these")] = None
    not_in: MembersOrReference | None = None
    contains: Annotated[
        ScalarOrReference | None, Field(description="Text: holds this text. A list: one of its members equals this")
    ] = None
    starts_with: TextOrReference | None = None
    ends_with: TextOrReference | None = None
    exists: Annotated[StrictBool | None, Field(description="true: there is a value. false: none, or null")] = None
    before: Annotated[MomentOrReference | None, Field(description="An instant earlier than this")] = None
    after: Annotated[MomentOrReference | None, Field(description="An instant later than this")] = None
    within_last: Annotated[Duration | None, Field(description="An instant from now minus this to now")] = None
    within_next: Annotated[Duration | None, Field(description="An instant from now to now plus this")] = None
    anniversary: Annotated[
        Anniversary | None, Field(description="A date whose month and day come round: today, this month, or soon")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _one_operator(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            _check_operators(cls.kind, [key for key in value if key != cls.kind], value)
        return value

    @cached_property
    def operator(self) -> str:
        return next(name for name in OPERATORS if self._operand(name) is not None)

    @cached_property
    def operand(self) -> Operand:
        """What is compared with; an instant that was written out is its microseconds since 1970."""
        operand = self._operand(self.operator)
        if operand is None:
            raise AssertionError("validation leaves no comparison without an operand")
        if self.operator in {"before", "after"} and isinstance(operand, str):
            return read_instant(operand) or 0
        return operand

    def _operand(self, operator: str) -> Operand | None:
        operand: Operand | None = getattr(self, "in_" if operator == "in" else operator)
        return operand

    @cached_property
    def path(self) -> str:
        path: str = getattr(self, self.kind)
        return path

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return keys_of(self.path)


class AttributeCondition(Comparison):
    """The customer's profile."""

    kind = "attribute"
    attribute: Annotated[Path, Field(description="Path into the customer's attributes")]


class ComputedCondition(Comparison):
    """What the customer's events come to: orders, revenue, first and last seen and the like."""

    kind = "computed"
    computed: Annotated[Path, Field(description="Path into the computed attributes", examples=["orders"])]


class EntryCondition(Comparison):
    """What started the run: the event's properties, or the context of the call."""

    kind = "entry"
    entry: Annotated[Path, Field(description="Path into what started the run")]


class ContextCondition(Comparison):
    """What the run has gathered on its way."""

    kind = "context"
    context: Annotated[Path, Field(description="Path into the run's context")]


class PropertyCondition(Comparison):
    """A property of the event in view."""

    kind = "property"
    property: Annotated[Path, Field(description="Path into the event's properties")]


def _check_operators(kind: str, given: list[Any], value: dict[Any, Any]) -> None:
    for name in given:
        if name not in OPERATORS:
            known = ", ".join(OPERATORS)
            message = "`{name}` is no operator; write one of: {known}"
            raise PydanticCustomError("operator", message, {"name": str(name), "known": known})
        if value[name] is None:
            raise PydanticCustomError("null", "null is no value; write `exists: false`")
    if not given:
        message = "`{kind}` has no operator; add one, such as `equals: …` or `exists: true`"
        raise PydanticCustomError("operator", message, {"kind": kind})
    if len(given) > 1:
        message = "`{first}` and `{second}` are two operators; write two conditions under `all`"
        raise PydanticCustomError("operator", message, {"first": given[0], "second": given[1]})
