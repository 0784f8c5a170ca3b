"""What a content reads of the customer and the run it is rendered for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.parts import Content
from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError

_FIRST: Final = re.compile(r"^[^.\[]+")
_TWO: Final = re.compile(r"^([^.\[]+)(?:\.([^.\[]+)|\['([^']+)'\])")
"""A variable and what is read of it, as `customer.name` or `customer['first name']`."""


def speaks_of(content: Content, name: str) -> bool:
    """Whether any of its texts reads the variable `name`, such as `coupon` in `{{ coupon.code }}`."""
    return any(reads(source, name) for source in texts_of(content))


def reads(source: str, name: str) -> bool:
    """Whether a text of Liquid reads the variable `name`."""
    # What does not hold the word does not read the variable: most templates need no second look.
    return name in source and name in _first_names(source)


def paths_in(content: Content) -> set[str]:
    """Every path that its texts read, such as `customer.first_name`."""
    return {path for source in texts_of(content) if (read := _read(source)) is not None for path in read.variables()}


def parts_of(content: Content, name: str) -> frozenset[str]:
    """What its texts read of a variable, by first name: of `products` `viewed`, in `{{ products.viewed[0].name }}`."""
    if not speaks_of(content, name):
        return frozenset()
    found = (_TWO.match(path) for path in paths_in(content))
    return frozenset(one[2] or one[3] for one in found if one is not None and one[1] == name)


@dataclass(frozen=True, slots=True)
class Uses:
    """What a content reads, in order: attributes, properties, blocks and lookups; `coupon` whether it shows a code."""

    customer: list[str]
    event: list[str]
    entry: list[str]
    context: list[str]
    blocks: list[str]
    coupon: bool
    lookups: list[str] = field(default_factory=list)


def uses_of(content: Content) -> Uses:
    """What the content with its blocks reads of whom it is rendered for."""
    read: dict[str, set[str]] = {}
    for path in paths_in(content):
        if found := _TWO.match(path.replace("event.properties.", "event.", 1)):
            read.setdefault(found[1], set()).add(found[2] or found[3])
    named = {name: sorted(read.get(name, ())) for name in ("customer", "event", "entry", "context")}
    return Uses(
        **named, blocks=sorted(blocks_in(content)), coupon=speaks_of(content, "coupon"), lookups=lookups_in(content)
    )


def lookups_in(content: Content) -> list[str]:
    """The names of the lookups that it makes."""
    return sorted(content.lookups) if isinstance(content, ChannelContent) else []


def blocks_in(content: Content) -> set[str]:
    """The keys of the blocks that its texts render, those within its own blocks too."""
    rendering = (source for source in texts_of(content) if "render" in source)
    return {key for source in rendering if (read := _read(source)) is not None for key in read.blocks}


def texts_of(content: Content) -> Iterator[str]:
    """All its Liquid: its own, that of its other languages and variants, and that of the blocks that it has."""
    yield from (source for _, source in content.texts())
    yield from _strings(content.languages)
    for variant in content.variants:
        yield from _strings([variant.fields, variant.languages])
    if isinstance(content, ChannelContent):
        for block in content.blocks.values():
            yield from texts_of(block)
        yield from (lookup.path for lookup in content.lookups.values() if lookup.path is not None)


def _strings(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    for one in part.values() if isinstance(part, Mapping) else part if isinstance(part, list | tuple) else ():
        yield from _strings(one)


def _first_names(source: str) -> set[str]:
    read = _read(source)
    return {found.group() for path in read.variables() if (found := _FIRST.match(path))} if read is not None else set()


def _read(source: str) -> Liquid | None:
    """None where the source is no Liquid, which is told elsewhere."""
    try:
        return Liquid(source, escape=False)
    except RenderError:
        return None
