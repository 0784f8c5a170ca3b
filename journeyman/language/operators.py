"""What the operators mean, for one value in memory. `journeyman.journeys.populations` says the same in SQL.

**The rule of typed comparison.** A value is a number, text, a boolean, a list, an object, or missing; null is missing.

- Numbers compare with numbers, as IEEE 754 doubles (RFC 8259 section 6 expects no more of JSON; whole numbers beyond
  2^53 belong into text). Text compares with text, by Unicode code points, without regard to language or case.
  Booleans compare with booleans, for equality only. Lists and objects are equal to nothing.
- A missing value, or one of another type, makes every comparison false, but for the three that deny: `not_equals`,
  `not_in` and `exists: false` are exactly the negations of `equals`, `in` and `exists: true`.
- `in` holds where one member equals the value; a reference stands for the members of the list that it finds.
- `contains` looks for text in text, or for an equal member in a list.
- `before`, `after`, `within_last` and `within_next` compare instants (`instants`); other text is no instant, and
  makes them false. The first two are strict, the two windows hold both of their ends.
- Every condition either holds or does not: there is no third value that a `not` could turn over.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Test = Callable[[Any, Any], bool]

_KINDS: Final[Mapping[type, str]] = {str: "text", int: "number", float: "number", bool: "boolean"}


def double(number: float) -> float:
    """A number as an IEEE 754 double; one too large is infinite, as JSON readers have it."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def is_number(value: object) -> bool:
    return _KINDS.get(type(value)) == "number"


def equal(left: Any, right: Any) -> bool:  # noqa: ANN401 - any JSON value
    kind = _KINDS.get(type(left))
    if kind is None or kind is not _KINDS.get(type(right)):
        return False
    return double(left) == double(right) if kind == "number" else bool(left == right)


def _ordered(left: Any, right: Any) -> tuple[Any, Any] | None:  # noqa: ANN401 - any JSON value
    """Both as values that have an order between them, None where there is none."""
    kind = _KINDS.get(type(left))
    if kind is not _KINDS.get(type(right)):
        return None
    if kind == "number":
        return double(left), double(right)
    return (left, right) if kind == "text" else None


def _gt(left: object, right: object) -> bool:
    pair = _ordered(left, right)
    return pair is not None and pair[0] > pair[1]


def _gte(left: object, right: object) -> bool:
    pair = _ordered(left, right)
    return pair is not None and pair[0] >= pair[1]


def _in(left: object, right: object) -> bool:
    return isinstance(right, list | tuple) and any(equal(left, member) for member in right)


def _contains(left: object, right: object) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return isinstance(left, list | tuple) and any(equal(member, right) for member in left)


def _starts_with(left: object, right: object) -> bool:
    return isinstance(left, str) and isinstance(right, str) and left.startswith(right)


def _ends_with(left: object, right: object) -> bool:
    return isinstance(left, str) and isinstance(right, str) and left.endswith(right)


TESTS: Final[Mapping[str, Test]] = {
    "equals": equal,
    "not_equals": lambda left, right: not equal(left, right),
    "gt": _gt,
    "gte": _gte,
    "lt": lambda left, right: _gt(right, left),
    "lte": lambda left, right: _gte(right, left),
    "in": _in,
    "not_in": lambda left, right: not _in(left, right),
    "contains": _contains,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
}
"""The operators that compare two values as they stand; those on instants need to know what time it is."""
