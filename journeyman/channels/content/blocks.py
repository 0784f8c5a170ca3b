"""Pieces that several templates share, and the contents that have them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field

from journeyman.channels.content.lookups import MOST_LOOKUPS, Lookup, LookupName
from journeyman.channels.content.parts import Body, Content

MOST_BLOCKS: Final = 50
"""Blocks in one template, those that its blocks render counted in."""

BlockKey = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,127}$")]


class BlockContent(Content):
    """A piece of Liquid for `{% render %}`: words, HTML or MJML, as the templates are that render it."""

    text: Annotated[Body, Field(description="Liquid")]

    @property
    def headline(self) -> str:
        return self.text[:80]

    def sources(self) -> Iterator[tuple[str, str]]:
        yield "/text", self.text


class ChannelContent(Content):
    """The content of a channel's template."""

    blocks: Annotated[
        Mapping[BlockKey, BlockContent],
        Field(max_length=MOST_BLOCKS, description="Blocks of its own, in place of the workspace's of the same keys"),
    ] = Field(default_factory=dict)
    lookups: Annotated[
        Mapping[LookupName, Lookup],
        Field(max_length=MOST_LOOKUPS, description="What is asked of other systems when a message is made, by name"),
    ] = Field(default_factory=dict)
