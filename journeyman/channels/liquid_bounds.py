"""Bounds on what one rendering of a Liquid template may cost.

python-liquid counts loops and output, but not what a single filter or a range makes: `(1..100000000) | join` runs
for minutes within all of its limits. So every value that a filter takes or gives is weighed here, the processor time
of the whole message is watched, and ranges are short.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from liquid import RenderContext
from liquid.exceptions import ResourceLimitError
from liquid.expression import Expression
from liquid.filter import with_context
from liquid.undefined import UNDEFINED

from journeyman.channels.budget import tick

WEIGHT_LIMIT = 262_144
"""Characters and elements that one value may hold, and bytes that a rendering may put out."""

HELD_LIMIT = 4 * WEIGHT_LIMIT
"""Characters and elements that all assigned variables together may hold."""

RANGE_LIMIT = 10_000
LOOP_LIMIT = 10_000
UNIQUE_LIMIT = 1_000
NUMBER_BITS = 256


def weigh(value: object) -> int:
    """Characters and elements of `value`, counted no further than the limit.

    Raises `ResourceLimitError` above it, and for numbers of more than 256 bits.
    """
    weight = 0
    pending = [value]
    while pending:
        weight += _weigh_one(pending.pop(), pending)
        if weight > WEIGHT_LIMIT:
            raise ResourceLimitError(f"a value is larger than {WEIGHT_LIMIT:,} characters", token=None)
    return weight


def _weigh_one(value: object, pending: list[object]) -> int:
    if isinstance(value, str):
        return len(value) + 1
    if isinstance(value, int) and value.bit_length() > NUMBER_BITS:
        raise ResourceLimitError("a number is too large", token=None)
    if isinstance(value, range):
        return len(value)
    if isinstance(value, list | tuple | dict):
        if len(value) > RANGE_LIMIT:
            raise ResourceLimitError(f"a list has more than {RANGE_LIMIT:,} elements", token=None)
        pending.extend(value)
        if isinstance(value, dict):
            pending.extend(value.values())
    return 1


@dataclass(slots=True)
class _Spent:
    """What one rendering has used up, its blocks counted in; variables by how deep in blocks they are, and name."""

    iterations: int = 0
    held: dict[tuple[int, str], int] = field(default_factory=dict)


class BoundedContext(RenderContext):
    """A render context that stops when the message's processor time, its loops or its variables exceed their bounds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the base class's own arguments
        super().__init__(*args, **kwargs)
        # A block is rendered in a context of its own, but on the account of the template that renders it.
        above = self.parent_context
        self._spent: _Spent = above._spent if isinstance(above, BoundedContext) else _Spent()  # noqa: SLF001 - of the same class
        tick()

    def get(self, path: list[object], *, token: Any, default: object = UNDEFINED) -> object:  # noqa: ANN401
        tick()
        return super().get(path, token=token, default=default)

    def get_item(self, obj: Any, key: Any) -> Any:  # noqa: ANN401 - any value of Liquid
        # Liquid gives objects a first, a last and a size; `customer.first` is a missing attribute here.
        return obj[key] if isinstance(obj, Mapping) else super().get_item(obj, key)

    def assign(self, key: str, val: Any) -> None:  # noqa: ANN401 - any value of Liquid
        tick()
        self._spent.held[self._copy_depth, key] = weigh(val)
        if sum(self._spent.held.values()) > HELD_LIMIT:
            raise ResourceLimitError("the assigned variables are too large together", token=None)
        super().assign(key, val)

    def loop(self, namespace: Any, forloop: Any) -> Any:  # noqa: ANN401 - as in the base class
        forloop.it = self._counted(forloop.it)
        return super().loop(namespace, forloop)

    def _counted(self, items: Iterator[object]) -> Iterator[object]:
        for item in items:
            self._spent.iterations += 1
            if self._spent.iterations > LOOP_LIMIT:
                raise ResourceLimitError(f"loops ran more than {LOOP_LIMIT:,} times", token=None)
            tick()
            yield item


class RangeEdge(Expression):
    """One end of a range, refused when it is so far out that the range could be long."""

    __slots__ = ("edge",)

    def __init__(self, edge: Expression) -> None:
        super().__init__(edge.token)
        self.edge = edge

    def __str__(self) -> str:
        return str(self.edge)

    def evaluate(self, context: RenderContext) -> object:
        value = self.edge.evaluate(context)
        weigh(value)
        try:
            number = int(value)  # type: ignore[call-overload] # what is no number counts as 0, as Liquid has it
        except (TypeError, ValueError):
            return 0
        if abs(number) > RANGE_LIMIT:
            raise ResourceLimitError(f"a range goes beyond {RANGE_LIMIT:,}", token=self.token)
        return number

    def children(self) -> list[Expression]:
        return [self.edge]


def bounded(name: str, function: Callable[..., object]) -> Callable[..., object]:
    """`function` as a filter whose arguments and result are weighed and whose time is watched."""

    @with_context
    @wraps(function)
    def run(left: object, *arguments: object, context: BoundedContext, **named: Any) -> object:  # noqa: ANN401
        tick()
        for value in (left, *arguments, *named.values()):
            weigh(value)
        _foresee(name, left, arguments)
        if getattr(function, "with_context", False):
            named["context"] = context
        result = function(left, *arguments, **named)
        weigh(result)
        return result

    return run


def _foresee(name: str, left: object, arguments: tuple[object, ...]) -> None:
    """Refuse the calls whose result can be larger than what goes in by more than a small factor."""
    size = 0
    if name == "replace" and len(arguments) == 2:  # noqa: PLR2004 - what to replace, and by what
        size = str(left).count(str(arguments[0])) * len(str(arguments[1]))
    elif name == "join" and isinstance(left, list | tuple | range):
        size = len(left) * len(str(arguments[0])) if arguments else len(left)
    elif name == "uniq" and isinstance(left, list | tuple | range) and len(left) > UNIQUE_LIMIT:
        raise ResourceLimitError(f"`uniq` takes at most {UNIQUE_LIMIT:,} elements", token=None)
    if size > WEIGHT_LIMIT:
        raise ResourceLimitError(f"`{name}` would make more than {WEIGHT_LIMIT:,} characters", token=None)
