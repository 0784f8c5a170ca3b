"""MJML: checked tag by tag when a template is saved, made into HTML for each customer by mrml.

mrml passes an unknown `mj-` tag over without a word, and is strict about everything that XML is strict about; so
the check here knows the tags, and finds by line and column what is not closed, also within branches of Liquid.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

import mrml

from journeyman.channels.budget import tick
from journeyman.channels.liquid_outline import Markup, outline
from journeyman.channels.markup import Tag, refuse_depth, replace, tags
from journeyman.channels.native import call_native
from journeyman.channels.render_errors import RenderError

DEPTH_LIMIT = 100
ELEMENTS_LIMIT = 5_000
"""Start tags, those of comments among them: mrml's stack takes 6,000 within each other."""
WRITTEN_OF_ONE = 1_500
"""Characters of HTML that a component becomes, at most."""
TIMES_WRITTEN = 4
"""How often a component writes an attribute that it shares with others."""
WRITTEN_LIMIT = 16_000_000
CAROUSEL_LIMIT = 100
"""Pictures in carousels: the HTML of one grows with the square of their number."""
PROBLEMS_LIMIT = 10
STRICT_MEND = "MJML is XML: close every tag, quote every attribute, write `&lt;` for a `<` in text"

TAGS = frozenset(
    [
        "mjml",
        "mj-head",
        "mj-body",
        "mj-attributes",
        "mj-all",
        "mj-class",
        "mj-breakpoint",
        "mj-font",
        "mj-preview",
        "mj-style",
        "mj-title",
        "mj-accordion",
        "mj-accordion-element",
        "mj-accordion-title",
        "mj-accordion-text",
        "mj-button",
        "mj-carousel",
        "mj-carousel-image",
        "mj-column",
        "mj-divider",
        "mj-group",
        "mj-hero",
        "mj-image",
        "mj-navbar",
        "mj-navbar-link",
        "mj-raw",
        "mj-section",
        "mj-social",
        "mj-social-element",
        "mj-spacer",
        "mj-table",
        "mj-text",
        "mj-wrapper",
    ]
)
"""The components of MJML 4 that mrml renders."""

_BLOCKS = frozenset(["if", "unless", "case", "for", "capture"])
_MIDDLES = frozenset(["else", "elsif", "when"])
_BRANCH = "{%"

_START = re.compile(r"<[A-Za-z]")

_PARSER = mrml.ParserOptions(include_loader=mrml.noop_loader())
# Without this a mail would fetch a web font from a third party, and tell it who reads.
_RENDER = mrml.RenderOptions(fonts={})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an author has to mend, found before any customer is there."""

    detail: str
    mend: str


def problems(source: str) -> list[Problem]:
    """What is wrong with the tags of an MJML template whose Liquid can be read; only the first few."""
    pieces = list(outline(source))
    return list(islice(_tag_problems(source, pieces), PROBLEMS_LIMIT)) or _every_branch(source, pieces)


def to_html(source: str) -> str:
    """HTML of MJML that has no Liquid left. Raises `RenderError`."""
    refuse_depth(source, DEPTH_LIMIT)
    _refuse_size(source)
    tick()
    return call_native(lambda: str(mrml.to_html(source.strip(), _PARSER, _RENDER).content), STRICT_MEND)


def _refuse_size(source: str) -> None:
    """Refuse what would stand too deep whatever closes it, or become HTML of many megabytes."""
    starts = sum(1 for _ in _START.finditer(source))
    if starts > ELEMENTS_LIMIT:
        raise RenderError(f"the MJML has more than {ELEMENTS_LIMIT:,} elements", "Show fewer items")
    images = components = shared = 0
    within_attributes = False
    for tag in tags(source):
        if tag.name == "mj-attributes":
            within_attributes = not tag.closes
        elif not tag.closes and tag.name.startswith("mj-"):
            components += not within_attributes
            shared += len(tag.attributes) if within_attributes else 0
            images += tag.name == "mj-carousel-image"
    written = components * (WRITTEN_OF_ONE + TIMES_WRITTEN * shared)
    if images > CAROUSEL_LIMIT or written > WRITTEN_LIMIT:
        raise RenderError("the MJML would become too much HTML", "Show fewer items, shorten `mj-attributes`")


def _tag_problems(source: str, pieces: list[Markup]) -> Iterator[Problem]:
    blank = replace(source, [(piece.start, piece.end, " " * (piece.end - piece.start)) for piece in pieces])
    if not blank.lstrip().startswith(("<mjml", "<!--")):
        yield Problem("the document does not begin with `<mjml>`", "Put everything into `<mjml><mj-body> … </mjml>`")
        return
    stack: list[tuple[str, str]] = []
    every: list[Markup | Tag] = [*pieces, *tags(blank)]
    line, begins, counted = 1, 0, 0
    for piece in sorted(every, key=lambda piece: piece.start):
        # Each part of the source is looked at once: there may be one tag behind the other on a single line.
        line += source.count("\n", counted, piece.start)
        begins = max(begins, source.rfind("\n", counted, piece.start) + 1)
        counted, place = piece.start, f"line {line}, column {piece.start - begins + 1}"
        if isinstance(piece, Markup):
            yield from _branch(piece, stack, place)
            continue
        yield from _known(piece, place)
        yield from _balance(piece, stack, place)
    for name, opened in stack:
        if name != _BRANCH:
            yield Problem(f"{opened}: `<{name}>` is not closed", f"Add `</{name}>`")


def _every_branch(source: str, pieces: list[Markup]) -> list[Problem]:
    """Read the template with all branches at once: no single customer's rendering would take every one."""
    outputs = [(piece.start, piece.end, "" if piece.name else "1") for piece in pieces]
    try:
        to_html(replace(source, outputs))
    except RenderError as error:
        return [Problem(error.detail, error.mend)]
    return []


def _known(tag: Tag, place: str) -> Iterator[Problem]:
    if tag.closes or not tag.name.startswith("mj"):
        return
    if tag.name == "mj-include":
        yield Problem(f"{place}: `mj-include` is not available", "Write the included content into the template")
    elif tag.name not in TAGS:
        near = get_close_matches(tag.name, TAGS, n=1)
        mend = f"Did you mean `{near[0]}`?" if near else "Use a component of MJML 4"
        yield Problem(f"{place}: `{tag.name}` is not known", mend)


def _balance(tag: Tag, stack: list[tuple[str, str]], place: str) -> Iterator[Problem]:
    if tag.empty:
        return
    if not tag.closes:
        stack.append((tag.name, place))
    elif stack and stack[-1][0] == tag.name:
        stack.pop()
    elif stack and stack[-1][0] != _BRANCH:
        name, opened = stack.pop()
        yield Problem(f"{opened}: `<{name}>` is not closed before `</{tag.name}>`", f"Add `</{name}>`")
    else:
        yield Problem(
            f"{place}: `</{tag.name}>` closes nothing that was opened in this place",
            "Open and close a tag within the same branch of Liquid",
        )


def _branch(piece: Markup, stack: list[tuple[str, str]], place: str) -> Iterator[Problem]:
    """A tag has to be closed in the branch where it was opened; then every way through the template is sound."""
    if piece.name in _BLOCKS:
        stack.append((_BRANCH, place))
    elif piece.name in _MIDDLES or piece.name.removeprefix("end") in _BLOCKS:
        while stack and stack[-1][0] != _BRANCH:
            name, opened = stack.pop()
            yield Problem(
                f"{opened}: `<{name}>` is not closed before `{{% {piece.name} %}}`",
                f"Add `</{name}>` in the same branch",
            )
        if stack and piece.name not in _MIDDLES:
            stack.pop()
