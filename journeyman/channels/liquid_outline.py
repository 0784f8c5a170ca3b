"""Where the Liquid of a source stands, found in linear time and without reading it.

It is looked at before python-liquid reads a source, whose lexer takes quadratic time over tags that are never closed,
and it tells the MJML check where branches begin and end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from journeyman.channels.render_errors import RenderError

TAG_LIMIT = 4_000
"""Characters within one pair of braces."""

_OPEN = re.compile(r"\{[{%]")
_NAME = re.compile(r"\{%-?\s*(#|\w*)")
_VERBATIM = {
    name: re.compile(r"\{%-?\s*end" + name + r"\s*-?%\}")
    for name in ("raw", "doc", "comment")
}  # fmt: skip
_BLANKS = re.compile(r"\s{200}")


@dataclass(frozen=True, slots=True)
class Markup:
    """One `{{ … }}`, with an empty name, or one `{% name … %}`; a verbatim block is one piece with its content."""

    name: str
    start: int
    end: int


def outline(source: str) -> Iterator[Markup]:
    """The Liquid of `source` in order. Raises `RenderError` where something is not closed or too long."""
    position = 0
    while found := _OPEN.search(source, position):
        start = found.start()
        closing = "}}" if source[start + 1] == "{" else "%}"
        end = source.find(closing, found.end()) + 2
        if end < 2:  # noqa: PLR2004 - `find` said -1
            raise _problem(source, start, f"`{found.group()}` is not closed", f"Add `{closing}`")
        if end - start > TAG_LIMIT or _BLANKS.search(source, start, end):
            raise _problem(source, start, "what stands between the braces is too long", "Split it, or take out blanks")
        named = _NAME.match(source, start)
        name = named.group(1) if named else ""
        if name in _VERBATIM:
            end = _end_of_block(source, name, start, end)
        yield Markup(name, start, end)
        position = end


def _end_of_block(source: str, name: str, start: int, end: int) -> int:
    closed = _VERBATIM[name].search(source, end)
    if closed is None:
        raise _problem(source, start, f"`{{% {name} %}}` is not closed", f"Add `{{% end{name} %}}`")
    return closed.end()


def line_of(source: str, position: int) -> int:
    """The number of the line, from 1."""
    return source.count("\n", 0, max(position, 0)) + 1


def place_of(source: str, position: int) -> str:
    """Where something begins, as people are told: `line 3, column 14`, both from 1."""
    at = max(position, 0)
    return f"line {line_of(source, at)}, column {at - source.rfind(chr(10), 0, at)}"


def _problem(source: str, position: int, detail: str, mend: str) -> RenderError:
    return RenderError(f"{place_of(source, position)}: {detail}", mend)
