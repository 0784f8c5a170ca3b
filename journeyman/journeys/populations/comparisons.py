"""The operators in SQL. What they mean stands in `journeyman.language.operators`; none of them is ever NULL here."""

import datetime as dt
import operator
from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, and_, case, false, func, literal, not_

from journeyman.journeys.populations.documents import Dialect, Truth, Value, constant
from journeyman.journeys.populations.instants import InstantOf
from journeyman.language.anniversaries import wanted_days
from journeyman.language.comparisons import Comparison, Operand
from journeyman.language.durations import Duration
from journeyman.language.instants import microseconds
from journeyman.language.values import Ago, Ahead, Reference

Relation = Callable[[Any, Any], ColumnElement[bool]]

_MICROSECOND: Final = dt.timedelta(microseconds=1)

RELATIONS: Final[dict[str, Relation]] = {
    "equals": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Comparer:
    """Compares values by operators, at one present, in one database's words; `resolve` reads what a reference names."""

    def __init__(self, dialect: Dialect, now: dt.datetime, resolve: Callable[[Reference], Value]) -> None:
        self._dialect = dialect
        self._present = now
        self._now = microseconds(now)
        self._resolve = resolve

    def satisfies(self, value: Value, comparison: Comparison) -> Truth:
        """Whether the value satisfies the comparison's operator."""
        name, operand = comparison.operator, comparison.operand
        if name == "exists":
            return value.exists if operand is True else not_(value.exists)
        if comparison.anniversary is not None:
            return _comes_round(value, wanted_days(comparison.anniversary, self._present))
        if name in {"before", "after", "within_last", "within_next"}:
            return self._in_time(value, name, operand)
        if name in {"in", "not_in"}:
            found = self._in(value, operand)
            return found if name == "in" else not_(found)
        return self._compared(value, name, self._right(operand))

    def _compared(self, value: Value, name: str, right: Value) -> Truth:
        match name:
            case "equals":
                return same(value, right)
            case "not_equals":
                return not_(same(value, right))
            case "contains":
                return self._contains(value, right)
            case "starts_with":
                return _of_type(value, right, ("text",), _begins)
            case "ends_with":
                return _of_type(value, right, ("text",), _ends)
            case _:
                return _of_type(value, right, ("number", "text"), RELATIONS[name])

    def _right(self, operand: Operand) -> Value:
        if isinstance(operand, Reference):
            return self._resolve(operand)
        if isinstance(operand, str | int | float):
            return constant(self._dialect, operand)
        raise AssertionError("only `in` and the operators on instants take anything else")

    def _in(self, value: Value, operand: Operand) -> Truth:
        if isinstance(operand, Reference):
            members = self._resolve(operand)
            return _some(members, lambda member: same(value, member))
        if not isinstance(operand, tuple):
            raise TypeError("`in` takes a list")
        literals = [constant(self._dialect, member) for member in operand]
        ways = [
            (
                value.types[kind],
                value.forms[kind].in_([member.forms[kind] for member in literals if kind in member.types]),
            )
            for kind in ("number", "text", "boolean")
        ]
        return case(*ways, else_=false())

    def _contains(self, value: Value, right: Value) -> Truth:
        ways = [(value.types["list"], _some(value, lambda member: same(member, right)))]
        if "text" in right.types:
            inside = self._dialect.position(value.forms["text"], right.forms["text"]) > 0
            ways.append((and_(value.types["text"], right.types["text"]), inside))
        return case(*ways, else_=false())

    def _in_time(self, value: Value, name: str, operand: Operand) -> Truth:
        found = self._relation_in_time(_instant(value), name, operand)
        return func.coalesce(found, false(), type_=Boolean)

    def _relation_in_time(self, instant: ColumnElement[int], name: str, operand: Operand) -> Truth:
        match name:
            case "within_last":
                return instant.between(self._at(-_length(operand)), self._at(0))
            case "within_next":
                return instant.between(self._at(0), self._at(_length(operand)))
            case "before":
                return instant < self._moment(operand)
            case _:
                return instant > self._moment(operand)

    def _moment(self, operand: Operand) -> ColumnElement[int]:
        match operand:
            case Ago():
                return self._at(-_length(operand.ago))
            case Ahead():
                return self._at(_length(operand.ahead))
            case Reference():
                return _instant(self._resolve(operand))
            case int():
                return literal(operand, BigInteger)
            case _:
                raise AssertionError("validation leaves instants, distances and references")

    def _at(self, distance: int) -> ColumnElement[int]:
        return literal(self._now + distance, BigInteger)


def same(left: Value, right: Value) -> Truth:
    """Whether both are of one type and equal."""
    return _of_type(left, right, ("number", "text", "boolean"), operator.eq)


def _of_type(left: Value, right: Value, kinds: Iterable[str], relation: Relation) -> Truth:
    """Whether both are of one of these types, and in this relation."""
    ways = [
        (and_(left.types[kind], right.types[kind]), relation(left.forms[kind], right.forms[kind]))
        for kind in kinds
        if kind in left.types and kind in right.types
    ]
    return case(*ways, else_=false()) if ways else false()


def _some(value: Value, test: Callable[[Value], Truth]) -> Truth:
    if value.some is None or "list" not in value.types:
        return false()
    return case((value.types["list"], value.some(test)), else_=false())


def _begins(text: ColumnElement[str], part: ColumnElement[str]) -> Truth:
    return func.substr(text, 1, func.length(part)) == part


def _ends(text: ColumnElement[str], part: ColumnElement[str]) -> Truth:
    return func.substr(text, func.length(text) - func.length(part) + 1) == part


def _comes_round(value: Value, days: list[str]) -> Truth:
    """Whether the value writes one of these days, each MM-DD, by the rule of `journeyman.language.anniversaries`."""
    text = case((value.types["text"], value.forms["text"]))
    has_no_year = func.substr(text, 1, 2) == "--"
    digits = [func.substr(text, place, 1).between("0", "9") for place in range(1, 5)]
    has_year = and_(*digits, func.substr(text, 5, 1) == "-")
    day = case((has_no_year, func.substr(text, 3, 5)), (has_year, func.substr(text, 6, 5)))
    behind = case((has_no_year, func.substr(text, 8, 1)), else_=func.substr(text, 11, 1))
    return func.coalesce(and_(day.in_(days), behind.in_(["", "T"])), false(), type_=Boolean)


def _instant(value: Value) -> ColumnElement[int]:
    """The instant that the value writes, NULL where it writes none."""
    return InstantOf(case((value.types["text"], value.forms["text"])))


def _length(operand: Operand) -> int:
    return operand.timedelta // _MICROSECOND if isinstance(operand, Duration) else 0
