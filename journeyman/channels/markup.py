"""Tags of HTML and MJML, found in linear time without building a tree.

Rewriting what stands between two positions leaves everything else as it was, byte for byte: conditional comments for
Outlook, odd name spaces and hand-written quirks survive, which no parser and serialiser promises.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from journeyman.channels.budget import tick
from journeyman.channels.render_errors import RenderError

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
"""HTML elements that have no content and no end tag."""

IMPLIED_END = frozenset(
    ["p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot", "colgroup", "body", "html", "head"]
)
"""HTML elements whose end tag may be left out."""

_TAG = re.compile(
    r"""<(?:!--|(?P<close>/)?(?P<name>[A-Za-z][\w:-]*)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>)""",
    re.ASCII,
)
_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")

TICK_EVERY = 64
"""Tags between two looks at the clock."""

_DECLARATION = re.compile(r"<[!?][^<>]*>")


@dataclass(slots=True)
class Tag:
    """A start tag, an end tag (`closes`) or an element in one (`empty`); positions count in the source."""

    name: str
    closes: bool
    empty: bool
    attributes: str
    start: int
    end: int
    inside: int
    """Where the attributes begin."""

    def attribute(self, name: str) -> str | None:
        """The value with its character references resolved; "" where there is only the name."""
        found = self.span(name)
        return None if found is None else found[2]

    def span(self, name: str) -> tuple[int, int, str] | None:
        """Where the value stands in the source, with its quotation marks, and the value itself."""
        for match in _ATTRIBUTE.finditer(self.attributes):
            if match.group(1).lower() == name:
                start, end = match.span(2)
                value = html.unescape((match.group(2) or "").strip("\"'"))
                return self.inside + start, self.inside + end, value
        return None


def tags(source: str, *names: str) -> Iterator[Tag]:
    """The tags of `source` in order, or only those of these names; what stands in comments is no tag."""
    position = count = 0
    while found := _TAG.search(source, position):
        position, count = found.end(), count + 1
        if not count % TICK_EVERY:
            tick()
        name = found.group("name")
        if name is None:
            closed = source.find("-->", position)
            if closed < 0:
                return
            position = closed + 3
            continue
        name = name.lower()
        if names and name not in names:
            continue
        attributes = found.group("attributes")
        yield Tag(
            name=name,
            closes=found.group("close") is not None,
            empty=attributes.rstrip().endswith("/") or name in VOID,
            attributes=attributes,
            start=found.start(),
            end=found.end(),
            inside=found.start("attributes"),
        )


def refuse_depth(source: str, limit: int) -> int:
    """Count the tags of `source`; raise `RenderError` when more than `limit` elements could stand in each other.

    The renderers of MJML and CSS are native code that ends the whole process when its stack is used up.
    """
    opened: Counter[str] = Counter()
    depth = count = 0
    for tag in tags(source):
        count += 1
        if tag.empty or tag.name in IMPLIED_END:
            continue
        if not tag.closes:
            opened[tag.name] += 1
            depth += 1
        elif opened[tag.name]:
            opened[tag.name] -= 1
            depth -= 1
        if depth > limit:
            raise RenderError(f"more than {limit} elements stand within each other", "Close what is open, nest less")
    return count


def replace(source: str, changes: list[tuple[int, int, str]]) -> str:
    """`source` with each (start, end, text) put in; the changes stand in order and do not overlap."""
    pieces = []
    position = 0
    for start, end, text in changes:
        pieces += [source[position:start], text]
        position = end
    return "".join([*pieces, source[position:]])


def text_only(source: str) -> str:
    """`source` without its tags, comments and declarations."""
    source = without_comments(source)
    return replace(source, [(tag.start, tag.end, "") for tag in tags(source)])


def without_comments(source: str) -> str:
    """`source` without comments and declarations, conditional ones included; an unclosed one ends it."""
    pieces = []
    position = 0
    while (start := source.find("<!--", position)) >= 0:
        pieces.append(source[position:start])
        closed = source.find("-->", start)
        position = len(source) if closed < 0 else closed + 3
    return _DECLARATION.sub("", "".join([*pieces, source[position:]]))
