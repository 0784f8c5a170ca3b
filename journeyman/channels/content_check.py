"""Everything that can be known about a template's content before there is a customer."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import mjml
from journeyman.channels.addresses import From
from journeyman.channels.budget import budget
from journeyman.channels.content.alternatives import in_language, language_faults, spoken
from journeyman.channels.content.asking import parts_of, reads
from journeyman.channels.content.blocks import BlockContent, ChannelContent
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.lookups import LOOKUP
from journeyman.channels.content.parts import Content
from journeyman.channels.content.variants import in_variant, variant_faults
from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import finish_html, mjml_to_html, with_blocks
from journeyman.kit.errors import Fault

Check = Callable[[AsyncConnection, Content], Awaitable[list[Fault]]]
"""Finds faults in what a content names of the workspace, beyond the channels."""

OWN_LINKS = ("unsubscribe_url", "preferences_url", "confirm_url")
"""What the product gives a template to link to; `confirm_url` only in the mail that asks to confirm a yes."""


KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}", re.ASCII)


def key_faults(key: str) -> list[Fault]:
    """What is wrong with the key of a template or of a block."""
    if KEY.fullmatch(key):
        return []
    return [Fault("/key", "the key cannot be used", "Use a-z, 0-9, `-` and `_`, at most 128 characters")]


def block_faults(key: str, block: BlockContent) -> list[Fault]:
    """What the author of a block has to mend, all at once."""
    faults = [*key_faults(key), *language_faults(block), *variant_faults(block)]
    if faults:
        return faults
    texts = [("/text", block.text)]
    texts += [(f"/languages/{tag}/text", in_language(block, tag).text) for tag in block.languages]
    texts += [(f"/variants/{place}/text", in_variant(block, one.key).text) for place, one in enumerate(block.variants)]
    return [fault for pointer, source in texts for fault in _unreadable(pointer, source)]


def _unreadable(pointer: str, source: str) -> Iterator[Fault]:
    try:
        Liquid(source, escape=True)
    except RenderError as error:
        yield Fault(pointer, error.detail, error.mend)


def content_faults(content: TemplateContent) -> list[Fault]:
    """What its author has to mend, field by field, all at once; its blocks are there."""
    faults = [*language_faults(content), *variant_faults(content)]
    for key, block in content.blocks.items():
        faults += [replace(fault, pointer=f"/blocks/{key}{fault.pointer}") for fault in block_faults(key, block)]
    faults += lookup_faults(content)
    if faults:
        return faults
    spoken_ones = [fault for tag in content.languages for fault in _faults_in(content, tag)]
    varied_ones = [fault for place in range(len(content.variants)) for fault in _faults_of(content, place)]
    return [*_own_faults(content), *spoken_ones, *varied_ones]


def lookup_faults(content: ChannelContent) -> Iterator[Fault]:
    """Lookups that cannot be read, and such as are read and are not there."""
    for name, lookup in content.lookups.items():
        yield from _unreadable(f"/lookups/{name}/path", lookup.path or "")
        if reads(lookup.path or "", LOOKUP):
            detail, mend = "a lookup cannot rest on another one", "Look up all of it at one place"
            yield Fault(f"/lookups/{name}/path", detail, mend)
    for name in sorted(parts_of(content, LOOKUP) - content.lookups.keys()):
        near = get_close_matches(name, list(content.lookups), n=1)
        mend = f"Did you mean `{near[0]}`?" if near else f"Write `lookups: {{{name}: …}}`, or take it out"
        yield Fault("/lookups", f"there is no lookup `{name}`", mend)


def _faults_of(content: TemplateContent, place: int) -> Iterator[Fault]:
    """What is wrong with what one of the variants brings, in any language."""
    variant = content.variants[place]
    whole = in_variant(content, variant.key)
    faults = [fault for fault in _own_faults(whole) if fault.pointer.split("/")[1] in variant.fields]
    for tag, given in variant.languages.items():
        prefix = f"/languages/{tag}"
        faults += [
            fault for fault in _faults_in(whole, tag) if fault.pointer.removeprefix(prefix).split("/")[1] in given
        ]
    yield from (replace(fault, pointer=f"/variants/{place}{fault.pointer}") for fault in faults)


def _faults_in(content: TemplateContent, tag: str) -> Iterator[Fault]:
    """What is wrong with what one of the other languages brings."""
    given = content.languages[tag]
    for fault in _own_faults(in_language(content, tag)):
        if fault.pointer.split("/")[1] in given:
            yield replace(fault, pointer=f"/languages/{tag}{fault.pointer}")


def _own_faults(content: TemplateContent) -> list[Fault]:
    """Of one language, which has to do with the time of one message."""
    with budget():
        return _text_faults(content)


def _text_faults(content: TemplateContent) -> list[Fault]:
    if not isinstance(content, EmailContent):
        found = content.sources()
        return [fault for pointer, source in found for fault in _body_faults(content, pointer, source, None)]
    return _email_faults(content)


def _email_faults(content: EmailContent) -> list[Fault]:
    lines = {"/subject": content.subject, "/preheader": content.preheader}
    bodies: list[tuple[str, str | None, Callable[[str], object] | None]] = [
        ("/mjml", content.mjml, mjml_to_html),
        ("/html", content.html, finish_html),
        ("/text", content.text, None),
    ]
    faults = [fault for pointer, line in lines.items() for fault in _line_faults(content, pointer, line)]
    for pointer, source, finish in bodies:
        faults += _body_faults(content, pointer, source, finish)
    for pointer, source in content.sources():
        faults += _body_faults(content, pointer, source, None)
    for pointer, address in (("/from", content.sender), ("/reply_to", content.reply_to)):
        faults += _address_faults(pointer, address)
    return faults


def _line_faults(content: EmailContent, pointer: str, line: str | None) -> Iterator[Fault]:
    if line is None:
        return
    if "\n" in line or "\r" in line:
        yield Fault(pointer, "it has more than one line", "Write it in one line")
    yield from _body_faults(content, pointer, line, None)


def _body_faults(
    content: TemplateContent, pointer: str, source: str | None, finish: Callable[[str], object] | None
) -> Iterator[Fault]:
    if source is None:
        return
    try:
        template = Liquid(source, escape=finish is not None)
        yield from missing_blocks(pointer, template.blocks, content.blocks)
        found = mjml.problems(source) if pointer == "/mjml" else []
        for problem in found:
            yield Fault(pointer, problem.detail, problem.mend)
        if not found and template.blocks <= content.blocks.keys():
            _try(template, finish, spoken(content, [])[0])
    except RenderError as error:
        yield Fault(pointer, error.detail, error.mend)


def missing_blocks(pointer: str, wanted: Collection[str], there: Mapping[str, object]) -> Iterator[Fault]:
    for key in sorted(set(wanted) - there.keys()):
        near = get_close_matches(key, list(there), n=1)
        mend = f"Did you mean `{near[0]}`?" if near else f"Keep it first, under `/v1/blocks/{key}`"
        yield Fault(pointer, f"there is no block `{key}`", mend)


def _try(template: Liquid, finish: Callable[[str], object] | None, content: TemplateContent) -> None:
    """Render once for a customer of whom nothing is known: even she has to get a sound mail."""
    links = {name: f"https://journeyman.example/{name}/sample" for name in OWN_LINKS}
    text = template.render(with_blocks(content, links))
    if finish is not None:
        finish(text)


def _address_faults(pointer: str, address: str | None) -> Iterator[Fault]:
    if address is None:
        return
    try:
        From.parse(address)
    except ValueError as error:
        yield Fault(pointer, str(error), "Write `Name <address>` or an address, without Liquid")
