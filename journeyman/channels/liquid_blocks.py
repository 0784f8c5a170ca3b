"""Blocks: pieces that several templates render, `{% render "footer", shop: "Berlin" %}`.

A block is read by itself, within the same bounds as a template, and is handed to a rendering in its scope, under a
name that no Liquid can speak of. It sees what the template sees, and the arguments, but no variables of the template's.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import StringLiteral
from liquid.builtin.tags.render_tag import RenderNode, RenderTag
from liquid.exceptions import LiquidError, LiquidSyntaxError, TemplateNotFoundError
from liquid.loader import BaseLoader, TemplateSource
from liquid.stream import TokenStream

BLOCKS: Final = "{blocks}"
"""Where a scope keeps the blocks."""
DEPTH_LIMIT: Final = 5
"""How many blocks may render one another."""


class Pieces(Protocol):
    """The blocks of one template."""

    def template(self, name: str, *, escape: bool) -> BoundTemplate | None:
        """The block as it has been read; None where there is none."""


class BlockNode(RenderNode):
    """One use of a block, which the analysis of a template does not go into: the block is analysed itself."""

    @property
    def block(self) -> str:
        """The block's name."""
        return str(self.name.value) if isinstance(self.name, StringLiteral) else ""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        try:
            return super().render_to_output(context, buffer)
        except TemplateNotFoundError as error:
            error.token, error.template_name = self.token, ""
            raise
        except LiquidError as error:
            error.template_name = error.template_name or self.block
            raise

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:  # noqa: ARG002 - as in the base class
        return ()

    def partial_scope(self) -> None:
        return None


class BlockTag(RenderTag):
    """`{% render "name" %}`, with `for … as …`, `with … as …` and arguments; the name is a word in quotes."""

    node_class = BlockNode

    def parse(self, stream: TokenStream) -> Node:
        node = super().parse(stream)
        if not isinstance(node, RenderNode) or not isinstance(node.name, StringLiteral):
            raise LiquidSyntaxError("a block's name stands in quotes", token=node.token)
        return node


class BlockLoader(BaseLoader):
    """Takes blocks from the scope of the rendering that asks for them."""

    def get_source(self, *_: object, **__: object) -> TemplateSource:
        """Blocks have been read already: sources are never asked for."""
        raise NotImplementedError

    def load(
        self,
        env: Environment,
        name: str,
        *,
        globals: Mapping[str, object] | None = None,  # noqa: A002, ARG002 - as in the base class
        context: RenderContext | None = None,
        **_: object,
    ) -> BoundTemplate:
        pieces: Pieces | None = None
        if context is not None:
            pieces = context.globals.get(BLOCKS)  # type: ignore[assignment] # who makes the scope puts them there
        found = pieces.template(name, escape=env.autoescape) if pieces is not None else None
        if found is None:
            raise TemplateNotFoundError(f"there is no block '{name}'", token=None)
        return found
