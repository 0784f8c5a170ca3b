"""Liquid templates: read once, checked when they are saved, rendered within bounds.

What is missing renders as nothing, and `| default:` gives it another value: a profile without a first name is no
error. Times are UTC unless a zone is named: `{{ event.at | date: "%d %b %H:%M", "Europe/Warsaw" }}`. Beyond the
standard filters there is `decimals` (`{{ 19.9 | decimals: 2 }}` is `19.90`). `{% render "footer" %}` takes a block.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from difflib import get_close_matches
from typing import TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import FilterArgumentError, LiquidError, ResourceLimitError
from liquid.expression import Expression
from liquid.filter import string_filter
from liquid.stringify import to_liquid_string

from journeyman.channels.budget import tick
from journeyman.channels.liquid_blocks import DEPTH_LIMIT, BlockLoader, BlockNode, BlockTag
from journeyman.channels.liquid_bounds import RANGE_LIMIT, WEIGHT_LIMIT, BoundedContext, RangeEdge, bounded, weigh
from journeyman.channels.liquid_dates import date
from journeyman.channels.liquid_outline import outline, place_of
from journeyman.channels.markup import text_only
from journeyman.channels.render_errors import RenderError

REFUSED_TAGS = ("include", "tablerow", "ifchanged")
DECIMALS_LIMIT = 10
PIECES_LIMIT = 2_000
"""Pairs of braces in one text; each takes some 20 µs to read, which nothing stops."""
GENERAL_MEND = "Simplify the template: fewer or shorter loops, ranges and lists"


def _write(expression: Expression, context: RenderContext, buffer: TextIO) -> int:
    value = expression.evaluate(context)
    weigh(value)
    return buffer.write(to_liquid_string(value, context.autoescape))


class _BoundedOutput(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return _write(self.expression, context, buffer)


class _BoundedEcho(EchoNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return _write(self.expression, context, buffer)


class _OutputTag(Output):
    node_class = _BoundedOutput


class _EchoTag(EchoTag):
    node_class = _BoundedEcho


class _Template(BoundTemplate):
    context_class = BoundedContext


class _Environment(Environment):
    template_class = _Template
    output_stream_limit = WEIGHT_LIMIT
    block_nesting_limit = 20
    context_depth_limit = DEPTH_LIMIT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for name in REFUSED_TAGS:
            del self.tags[name]
        self.add_tag(_OutputTag)
        self.add_tag(_EchoTag)
        self.add_tag(BlockTag)
        self.add_filter("date", date)
        self.add_filter("decimals", decimals)
        # The library's own uses a parser that takes quadratic time on some input, and fails on other.
        self.add_filter("strip_html", string_filter(text_only))
        for name, function in list(self.filters.items()):
            self.add_filter(name, bounded(name, function))


def decimals(value: object, digits: object = 2) -> object:
    """A number with exactly `digits` digits after the point, half rounded up, as prices are written."""
    try:
        places = int(str(digits))
        number = Decimal(str(value))
    except (ValueError, InvalidOperation):
        return value
    if not number.is_finite() or not 0 <= places <= DECIMALS_LIMIT:
        raise FilterArgumentError(f"`decimals` takes 0 to {DECIMALS_LIMIT} digits", token=None)
    return str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


_ENVIRONMENTS = {escape: _Environment(autoescape=escape, loader=BlockLoader()) for escape in (False, True)}


class Liquid:
    """A template that has been read. `escape` makes every value safe inside HTML; `template` is the parsed one.

    Raises `RenderError` when the template cannot be read, or uses filters that do not exist.
    """

    def __init__(self, source: str, *, escape: bool, name: str = "") -> None:
        tick()
        self.template = _read(source, escape=escape, name=name)
        self.blocks: set[str] = set()
        """The names of the blocks that it renders."""
        context = BoundedContext(self.template)
        for node in self.template.nodes:
            self._prepare(node, context)

    def render(self, scope: Mapping[str, object]) -> str:
        """The text for one customer. Raises `RenderError` when a bound is exceeded or a filter cannot work."""
        try:
            return self.template.render(scope)
        except RenderError:
            raise
        except LiquidError as error:
            raise _as_render_error(error) from error
        except Exception as error:
            # Filters raise what Python raises: a ValueError for an overlong number, a RecursionError, …
            raise RenderError(f"the template cannot be rendered: {type(error).__name__}", GENERAL_MEND) from error

    def variables(self) -> set[str]:
        """Every path that the template reads from outside, such as `customer.first_name`."""
        return {str(name) for name in self.template.global_variable_paths()}

    def _prepare(self, node: Node, context: BoundedContext) -> None:
        """Bound the ranges of `node` and what it contains, note its blocks, and refuse unknown filters."""
        tick()
        if isinstance(node, BlockNode):
            self.blocks.add(node.block)
        for expression in node.expressions():
            for part in _parts(expression):
                _prepare_expression(part)
        for child in node.children(context):
            self._prepare(child, context)


def _parts(expression: Expression) -> Iterator[Expression]:
    yield expression
    for child in expression.children():
        yield from _parts(child)


def _prepare_expression(expression: Expression) -> None:
    if isinstance(expression, RangeLiteral):
        for edge in (expression.start, expression.stop):
            _refuse_far_literal(edge)
        expression.start, expression.stop = RangeEdge(expression.start), RangeEdge(expression.stop)
    if isinstance(expression, FilteredExpression):
        for used in expression.filters or []:
            if used.name not in _ENVIRONMENTS[False].filters:
                mend = _nearest(used.name, _ENVIRONMENTS[False].filters, "Use one of the standard Liquid filters")
                raise RenderError(f"{_place(used.token)}: there is no filter `{used.name}`", mend)


def _refuse_far_literal(edge: Expression) -> None:
    value = getattr(edge, "value", 0)
    if isinstance(value, int | float) and abs(value) > RANGE_LIMIT:
        raise RenderError(f"{_place(edge.token)}: the range goes to {value:,}", f"Keep ranges within {RANGE_LIMIT:,}")


def _read(source: str, *, escape: bool, name: str) -> BoundTemplate:
    for pieces, _ in enumerate(outline(source), start=1):
        if pieces > PIECES_LIMIT:
            raise RenderError(f"there are more than {PIECES_LIMIT:,} pieces of Liquid", "Use a loop, or fewer values")
    try:
        return _ENVIRONMENTS[escape].from_string(source, name=name)
    except LiquidError as error:
        raise _as_render_error(error) from error


def _as_render_error(error: LiquidError) -> RenderError:
    message = str(error.message or type(error).__name__)
    block = f"block `{error.template_name}`, " if error.template_name else ""
    where = f"{block}{_place(error.token)}: " if error.token is not None else ""
    return RenderError(f"{where}{message}", _mend(error, message))


def _place(token: object) -> str:
    source, start = getattr(token, "source", ""), getattr(token, "start_index", 0)
    return place_of(source, start)


def _mend(error: LiquidError, message: str) -> str:
    if isinstance(error, ResourceLimitError):
        return GENERAL_MEND
    quoted = message.split("'")[1] if message.count("'") > 1 else ""
    if quoted in REFUSED_TAGS:
        return f"`{quoted}` is not available here: write its content into the template"
    if "tag" in message and quoted:
        return _nearest(quoted, _ENVIRONMENTS[False].tags, "Close every block with its end tag, such as `{% endif %}`")
    return "Check the Liquid syntax there: `{{ customer.first_name }}`, `{% if … %} … {% endif %}`"


def _nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"Did you mean `{near[0]}`?" if near else otherwise
