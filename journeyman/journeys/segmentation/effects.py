"""What one more event can do to the verdict of a condition: a segment is judged only where it may turn over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from journeyman.language.comparisons import ComputedCondition
from journeyman.language.conditions import (
    AllOf,
    AnyOf,
    Condition,
    EventCondition,
    Not,
    OccurrenceCondition,
    meaning_of,
)
from journeyman.language.defined import Defined
from journeyman.language.facts import Facts
from journeyman.language.needs import needs
from journeyman.language.nodes import Node
from journeyman.language.readings import matches


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether an event may bring somebody in who is out, and may take somebody out who is in.

    Where there are `wheres`, only an event that one of them means.
    """

    may_raise: bool
    may_lower: bool
    wheres: tuple[EventCondition, ...] = ()

    def __or__(self, other: Self) -> "Effect":
        wheres = self.wheres + other.wheres if self.wheres and other.wheres else ()
        return Effect(self.may_raise or other.may_raise, self.may_lower or other.may_lower, wheres)

    def may_turn(self, properties: Mapping[str, Any], facts: Facts, *, is_in: bool) -> bool:
        """Whether an event with these properties may turn the verdict over for somebody who is in, or out."""
        if not (self.may_lower if is_in else self.may_raise):
            return False
        return not self.wheres or any(matches(where, properties, facts) for where in self.wheres)


ANY = Effect(may_raise=True, may_lower=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """What another value of a computed attribute can do: nothing, as long as it crosses none of the `bounds`.

    Where it is asked how long ago an instant was, a later instant may do what `later` says.
    """

    bounds: tuple[float, ...] = ()
    later: Effect | None = None
    is_any: bool = False

    def __or__(self, other: Self) -> "Figure":
        later = self.later | other.later if self.later and other.later else self.later or other.later
        return Figure(self.bounds + other.bounds, later, self.is_any or other.is_any)

    def may_turn(self, old: object, new: object, *, is_in: bool) -> bool:
        """Whether the change from one value to another may turn the verdict over for somebody who is in, or out."""
        if self.is_any:
            return True
        if self.bounds and self._crosses(old, new):
            return True
        if self.later is None:
            return False
        if isinstance(old, str) and isinstance(new, str) and new > old:
            return self.later.may_lower if is_in else self.later.may_raise
        return True

    def _crosses(self, old: object, new: object) -> bool:
        if not isinstance(old, (int, float)) or not isinstance(new, (int, float)):
            return True
        low, high = (old, new) if old < new else (new, old)
        for bound in self.bounds:  # noqa: SIM110 - `any` makes a generator, and this is asked for every event
            if low <= bound <= high:
                return True
        return False


ANY_FIGURE = Figure(is_any=True)


def effects_of(condition: Condition) -> dict[str, Effect]:
    """The effect of one more event of each name that the condition reads."""
    found: dict[str, Effect] = {}
    _collect(condition, found, is_turned=False)
    return found


def figures_of(condition: Condition) -> dict[str, Figure]:
    """What another value of each computed attribute can do that the condition reads."""
    found: dict[str, Figure] = {}
    _collect_figures(condition, found, is_turned=False)
    return found


def _collect_figures(node: Node, found: dict[str, Figure], *, is_turned: bool) -> None:
    match node:
        case Not():
            _collect_figures(node.not_, found, is_turned=not is_turned)
        case AllOf() | AnyOf():
            for _, part in node.parts:
                _collect_figures(part, found, is_turned=is_turned)
        case Defined():
            _collect_figures(meaning_of(node), found, is_turned=is_turned)
        case _:
            figure = _figure(node, is_turned=is_turned) if isinstance(node, ComputedCondition) else ANY_FIGURE
            for name in needs(node).computed:
                found[name] = found[name] | figure if name in found else figure


def _figure(node: ComputedCondition, *, is_turned: bool) -> Figure:
    operand = node.operand
    if len(node.keys) > 1:
        return ANY_FIGURE
    if node.operator in {"gt", "gte", "lt", "lte"} and isinstance(operand, int | float):
        return Figure(bounds=(float(operand),))
    if node.operator == "within_last":
        return Figure(later=Effect(may_raise=not is_turned, may_lower=is_turned))
    return ANY_FIGURE


def _collect(node: Node, found: dict[str, Effect], *, is_turned: bool) -> None:
    match node:
        case Not():
            _collect(node.not_, found, is_turned=not is_turned)
        case AllOf() | AnyOf():
            for _, part in node.parts:
                _collect(part, found, is_turned=is_turned)
        case Defined():
            _collect(meaning_of(node), found, is_turned=is_turned)
        case OccurrenceCondition():
            _note(found, node.event, _of(node, is_turned=is_turned))
        case _:
            for name in needs(node).event_names:
                _note(found, name, ANY)


def _note(found: dict[str, Effect], name: str, effect: Effect) -> None:
    found[name] = found[name] | effect if name in found else effect


def _of(node: OccurrenceCondition, *, is_turned: bool) -> Effect:
    """One more event that counts makes the number larger; a total may go either way."""
    wheres = (node.where,) if node.where is not None else ()
    if node.aggregates:
        return Effect(may_raise=True, may_lower=True, wheres=wheres)
    raises = any(operator in {"gte", "gt", "equals"} for operator, _ in node.bounds)
    lowers = any(operator in {"lte", "lt", "equals"} for operator, _ in node.bounds)
    return Effect(lowers, raises, wheres) if is_turned else Effect(raises, lowers, wheres)
