"""Attributes of the customer's that a template puts out without a word on what happens where they are missing."""

from collections.abc import Iterator

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.echo_tag import EchoNode
from liquid.expression import Expression

ALWAYS_THERE = frozenset(["customer.id"])
"""What every customer has."""
ALLOWS_NOTHING = frozenset(["default", "size", "json"])
"""Filters after which a missing value reads well."""


def undefended(template: BoundTemplate) -> list[str]:
    """The paths, such as `customer.first_name`, in their order and each once."""
    context = RenderContext(template)
    found = [path for node in template.nodes for path in _undefended(node, frozenset(), context)]
    return list(dict.fromkeys(found))


def _undefended(node: Node, asked: frozenset[str], context: RenderContext) -> Iterator[str]:
    """In `node` and what it contains; `asked` are the paths that something around it asks for."""
    if isinstance(node, OutputNode | EchoNode):
        yield from (path for path in _put_out(node.expression) if path not in asked)
        return
    asked |= {path for expression in node.expressions() for path in _paths(expression)}
    for child in node.children(context):
        yield from _undefended(child, asked, context)


def _put_out(expression: Expression) -> Iterator[str]:
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return
    path = str(expression.left)
    used = {one.name for one in expression.filters or []}
    if path.startswith("customer.") and path not in ALWAYS_THERE and used.isdisjoint(ALLOWS_NOTHING):
        yield path


def _paths(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield str(expression)
    for child in expression.children():
        yield from _paths(child)
