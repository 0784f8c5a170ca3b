"""The segments that variants of templates and of blocks name: there when they are kept, and they stay."""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.channels.blocks import repository as blocks
from journeyman.channels.content.blocks import BlockContent, ChannelContent
from journeyman.channels.content.every import content_of
from journeyman.channels.content.parts import Content
from journeyman.customers.segments import repository as segments
from journeyman.customers.segments.definition import segments_named
from journeyman.customers.segments.repository import GONE
from journeyman.kit.errors import Fault
from journeyman.language.conditions import CONDITION

PAGE = 500


async def segment_faults(connection: AsyncConnection, content: Content) -> list[Fault]:
    """A fault for every segment that a variant names and that is not there.

    The segments are locked: while this transaction is under way, nobody takes one apart.
    """
    named = list(_named(content))
    if not named:
        return []
    kept = await segments.lock(connection, {key for _, key in named})
    there = {one.key for one in kept if one.generation != GONE}
    return [
        Fault(pointer, f"there is no segment `{key}`", "Keep it first, or name another")
        for pointer, key in named
        if key not in there
    ]


async def contents_naming(connection: AsyncConnection, segment: str) -> list[str]:
    """The templates and blocks, in words, whose variants name a segment."""
    found, after = list[str](), None
    while rows := await channels.list_templates(connection, after, PAGE):
        found += [f"the template {row.key}" for row in rows if _names(content_of(row.body), segment)]
        after = rows[-1].key
    after = None
    while kept := await blocks.find_all(connection, after, PAGE):
        found += [f"the block {row.key}" for row in kept if _names(BlockContent.model_validate(row.body), segment)]
        after = kept[-1].key
    return found


def _names(content: Content, segment: str) -> bool:
    return any(key == segment for _, key in _named(content))


def _named(content: Content, place: str = "") -> Iterator[tuple[str, str]]:
    """Where a variant names a segment, as a JSON Pointer, and its key; in the blocks of a template's own too."""
    for number, variant in enumerate(content.variants):
        keys = sorted(segments_named(CONDITION.validate_python(variant.when)))
        yield from ((f"{place}/variants/{number}/when", key) for key in keys)
    for key, block in content.blocks.items() if isinstance(content, ChannelContent) else ():
        yield from _named(block, f"/blocks/{key}")
