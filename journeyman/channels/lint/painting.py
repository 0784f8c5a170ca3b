"""What text of a mail is painted with: its colour, what is behind it, and how large it is."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from journeyman.channels.lint.colors import Color, color_of
from journeyman.channels.markup import Tag, tags, without_comments

_HIDDEN: Final = frozenset(["head", "style", "script", "title", "noscript", "template"])
_PIXELS: Final = re.compile(r"([\d.]+)px")
_BOLD: Final = frozenset(["bold", "bolder", "700", "800", "900"])
_BOLD_TAGS: Final = frozenset(["b", "strong", "h1", "h2", "h3", "h4", "th"])
_FLAT: Final = frozenset(["", "transparent", "none", "inherit", "initial", "unset"])


@dataclass(frozen=True, slots=True)
class Paint:
    """`color` and `background` are None where nothing says them; `clear` is False where a picture is behind."""

    color: Color | None = None
    background: Color | None = None
    clear: bool = True
    pixels: float = 16
    bold: bool = False
    hidden: bool = False


def painted(source: str) -> Iterator[tuple[str, Paint]]:
    """Each piece of visible text with its paint, as far as the elements' own styles and attributes tell it."""
    source = without_comments(source)
    stack: list[tuple[str, Paint]] = []
    position = 0
    for tag in tags(source):
        text = html.unescape(source[position : tag.start]).strip()
        paint = stack[-1][1] if stack else Paint()
        if text and not paint.hidden:
            yield text, paint
        position = tag.end
        if tag.closes:
            _close(stack, tag.name)
        elif not tag.empty:
            stack.append((tag.name, _paint_of(tag, paint)))


def style_of(tag: Tag) -> dict[str, str]:
    """The declarations in the `style` of an element."""
    declarations = (one.partition(":") for one in (tag.attribute("style") or "").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in declarations if value}


def _close(stack: list[tuple[str, Paint]], name: str) -> None:
    """Take off the innermost element of that name, and what stands open within it."""
    for place in range(len(stack) - 1, -1, -1):
        if stack[place][0] == name:
            del stack[place:]
            return


def _paint_of(tag: Tag, around: Paint) -> Paint:
    style = style_of(tag)
    hidden = around.hidden or tag.name in _HIDDEN or style.get("display") == "none"
    size = _PIXELS.match(style.get("font-size", ""))
    weight = style.get("font-weight", "bold" if tag.name in _BOLD_TAGS else "")
    return _behind(tag, style, around, hidden=hidden, size=size, bold=weight in _BOLD if weight else around.bold)


def _behind(
    tag: Tag, style: dict[str, str], around: Paint, *, hidden: bool, size: re.Match[str] | None, bold: bool
) -> Paint:
    own = style.get("background-color") or style.get("background") or (tag.attribute("bgcolor") or "")
    background = color_of(own)
    picture = (
        "url(" in own or "gradient" in own or tag.attribute("background") is not None or "background-image" in style
    )
    unknown = background is None and own.strip() not in _FLAT
    return replace(
        around,
        color=color_of(style.get("color") or tag.attribute("color") or "") or around.color,
        background=background or around.background,
        clear=not picture and not unknown and (background is not None or around.clear),
        pixels=float(size.group(1)) if size else around.pixels,
        bold=bold,
        hidden=hidden,
    )
