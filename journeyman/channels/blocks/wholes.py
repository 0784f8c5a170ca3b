"""Contents with the blocks that they render: what a message is made of is one document, with one hash (V3)."""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.blocks import repository
from journeyman.channels.content.asking import blocks_in
from journeyman.channels.content.blocks import MOST_BLOCKS, BlockContent, ChannelContent
from journeyman.channels.liquid_blocks import DEPTH_LIMIT

C = TypeVar("C", bound=ChannelContent)


async def whole(connection: AsyncConnection, content: C, *, held: bool = True) -> C:
    """The content with every block that it renders and that is there.

    Held, the blocks stay as they are to the end of the transaction.
    """
    own, known = dict(content.blocks), dict[str, BlockContent]()
    wanted = blocks_in(content) - own.keys()
    for _ in range(DEPTH_LIMIT + 1):
        missing = wanted - known.keys()
        rows = await repository.find(connection, missing, held=held) if missing else []
        known |= {row.key: BlockContent.model_validate(row.body) for row in rows}
        found = {key: known[key] for key in wanted & known.keys()}
        deeper = {key for block in found.values() for key in blocks_in(block)} - own.keys()
        if deeper <= wanted or len(wanted) > MOST_BLOCKS:
            break
        wanted |= deeper
    there = {key: known[key] for key in sorted(wanted & known.keys())}
    return with_blocks(content, {**there, **own})


def with_blocks(content: C, blocks: Mapping[str, BlockContent]) -> C:
    """The content with these blocks; itself where there are none. Raises `ValidationError` for more than may be."""
    if not blocks:
        return content
    documents = {key: block.document() for key, block in blocks.items()}
    return type(content).model_validate({**content.document(), "blocks": documents})
