"""The texts of a slot with the blocks that they render, as templates have them."""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.blocks.wholes import whole
from journeyman.channels.content.alternatives import spoken
from journeyman.channels.content.asking import blocks_in
from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.variants import has_variants, varied
from journeyman.channels.content_check import lookup_faults, missing_blocks
from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import with_blocks
from journeyman.journeys.documents.connections import mend
from journeyman.journeys.variants import variants_for
from journeyman.journeys.visiting.slots import SlotContent, SlotDocument
from journeyman.kit.errors import Fault
from journeyman.language.facts import Facts


class SlotTexts(ChannelContent):
    """All texts of a content of a slot, and what they may look up."""

    sentences: tuple[tuple[str, str], ...]

    def sources(self) -> Iterator[tuple[str, str]]:
        yield from self.sentences


def texts_of_slot(slot: SlotDocument, content: SlotContent) -> SlotTexts:
    return SlotTexts(sentences=tuple(content.sources()), lookups=slot.lookups)


async def with_blocks_for(
    connection: AsyncConnection, texts: SlotTexts, seen: Facts, customer_id: str | None, told: list[str]
) -> SlotTexts:
    """The texts with their blocks, as they are now, in the variants and the language for who is there."""
    found = await whole(connection, texts, held=False) if blocks_in(texts) else texts
    keys = await variants_for(connection, found, seen, customer_id) if has_variants(found) else {}
    return spoken(varied(found, keys), told)[0]


def blocks_of_slot(slot: SlotDocument) -> set[str]:
    """The blocks that any of its contents renders itself."""
    return {key for _, content in _contents(slot) for key in blocks_in(texts_of_slot(slot, content))}


async def slot_faults(
    connection: AsyncConnection, slot: SlotDocument, connections: Collection[str] | None
) -> list[Fault]:
    """What is wrong with what a slot names of the workspace: blocks, lookups and connections."""
    faults = list[Fault]()
    for pointer, content in _contents(slot):
        texts = await whole(connection, texts_of_slot(slot, content))
        for fault in lookup_faults(texts):
            if fault not in faults:
                faults.append(fault)
        for place, source in texts.sources():
            faults += _block_faults(f"{pointer}{place}", source, texts)
    faults += [
        Fault(f"/lookups/{name}/connection", f"there is no connection `{one.connection}`", mend(one.connection, known))
        for known in ([connections] if connections is not None else [])
        for name, one in slot.lookups.items()
        if one.connection not in known
    ]
    return faults


def _contents(slot: SlotDocument) -> Iterator[tuple[str, SlotContent]]:
    for place, variant in enumerate(slot.variants):
        yield from ((f"/variants/{place}{where}", content) for where, content in variant.contents)


def _block_faults(pointer: str, source: str, texts: SlotTexts) -> Iterator[Fault]:
    try:
        read = Liquid(source, escape=False)
        missing = list(missing_blocks(pointer, read.blocks, texts.blocks))
        yield from missing
        if read.blocks and not missing:
            scope: Mapping[str, object] = with_blocks(texts, {})
            read.render(scope)
    except RenderError as error:
        yield Fault(pointer, error.detail, error.mend)
