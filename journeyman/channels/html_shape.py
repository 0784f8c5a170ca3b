"""How deep and how large HTML can become when a browser's parser reads it, bounded before the native code reads it.

That code ends the whole process when its stack is used up, and the rules of HTML (WHATWG, section 13.2) let a short
source grow: elements of formatting that are not closed begin anew in every paragraph after them. So a source is either
sound, each element closed within the one around it, and then its shape is plain to see; or it has to be small.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from journeyman.channels.budget import tick
from journeyman.channels.markup import TICK_EVERY, VOID
from journeyman.channels.render_errors import RenderError

DEPTH_LIMIT: Final = 500
SOUND_LIMIT: Final = 20_000
"""Start tags of a source that is sound."""
UNSOUND_LIMIT: Final = 5_000
"""Start tags of any other: all could stand in each other, each with two elements implied. The stack takes 10,000."""
GROWTH_LIMIT: Final = 150_000
"""Elements of formatting times start tags in a source that is not sound: so many elements could come of it, of some
350 bytes each."""

_START: Final = re.compile(r"<[A-Za-z]")
_FORMATTING: Final = re.compile(
    r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?![A-Za-z0-9])", re.IGNORECASE
)
_TAG: Final = re.compile(
    r"""<(?P<close>/)?(?P<name>[A-Za-z][\w:-]*+)
    (?:[\s/]++|(?<=[\s/"'])[^\s/>=<"'`]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=`]++))?+)*+
    (?P<end>>)""",
    re.ASCII | re.VERBOSE,
)
_DECLARATION: Final = re.compile(r"<!(?!--)[^<>]*+>")
_RAW: Final = frozenset(["style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes"])
_ODD: Final = frozenset(["svg", "math", "template", "select", "frameset", "plaintext", "image", "isindex"])
"""Elements with rules of their own; what holds them counts as not sound."""
_OUTER: Final = frozenset(["html", "head", "body"])
_PARENTS: Final[dict[str, frozenset[str]]] = {
    "caption": frozenset(["table"]),
    "colgroup": frozenset(["table"]),
    "tbody": frozenset(["table"]),
    "thead": frozenset(["table"]),
    "tfoot": frozenset(["table"]),
    "tr": frozenset(["table", "tbody", "thead", "tfoot"]),
    "td": frozenset(["table", "tbody", "thead", "tfoot", "tr"]),
    "th": frozenset(["table", "tbody", "thead", "tfoot", "tr"]),
}
_TABLE: Final = frozenset(["table", "tbody", "thead", "tfoot", "tr", "colgroup"])
_WITHIN_TABLE: Final = frozenset([*_PARENTS, "col", "style", "script"])
_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_ENDS_ITSELF: Final = frozenset(["li", "dd", "dt", "option", "td", "th", "tr", "tbody", "thead", "tfoot", "p"])
_NOT_IN_ITSELF: Final[dict[str, frozenset[str]]] = {
    "a": frozenset(["a"]),
    "nobr": frozenset(["nobr"]),
    "button": frozenset(["button"]),
    "li": frozenset(["li"]),
    "dd": frozenset(["dd", "dt"]),
    "dt": frozenset(["dd", "dt"]),
    **dict.fromkeys(_HEADINGS, _HEADINGS),
}
_ENDS_P: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "li",
        "listing",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "ul",
        "dd",
        "dt",
        *_HEADINGS,
    ]
)
_BOUNDARIES: Final = frozenset(["table", "td", "th", "caption", "ul", "ol", "dl", "object", "marquee", "applet"])
_CLOSABLE: Final[dict[str, frozenset[str]]] = {
    "ul": frozenset(["li", "p"]),
    "ol": frozenset(["li", "p"]),
    "dl": frozenset(["dd", "dt", "p"]),
}


def refuse_shape(source: str) -> bool:
    """Whether `source` is sound. Raises `RenderError` when its elements could be too many or stand too deep."""
    starts = sum(1 for _ in _START.finditer(source))
    if starts > SOUND_LIMIT:
        raise RenderError(f"the HTML has more than {SOUND_LIMIT:,} elements", "Show fewer items")
    if is_sound(source):
        return True
    if starts > UNSOUND_LIMIT:
        detail = f"more than {UNSOUND_LIMIT:,} elements, and not each is closed within the one around it"
        raise RenderError(detail, "Close every element in the element where it was opened")
    formatting = sum(1 for _ in _FORMATTING.finditer(source))
    if formatting * starts > GROWTH_LIMIT:
        raise RenderError(
            "not each element is closed within the one around it, and there are too many to mend them",
            "Close every element in the element where it was opened",
        )
    return False


def is_sound(source: str) -> bool:
    """Whether each element is closed within the one around it, in a way that every parser reads alike.

    Raises `RenderError` where they stand deeper than the limit.
    """
    shape, position, count = _Shape(), 0, 0
    while (position := source.find("<", position)) >= 0:
        count += 1
        if not count % TICK_EVERY:
            tick()
        position = _after(source, position, shape)
        if position < 0:
            return False
    return True


def _after(source: str, position: int, shape: "_Shape") -> int:
    """Where it goes on after the `<` at the position; -1 where it is not sound."""
    tag = _TAG.match(source, position)
    if tag is None:
        return _after_other(source, position)
    name = tag.group("name").lower()
    if tag.group("close"):
        return tag.end() if shape.close(name) else -1
    if not shape.open(name):
        return -1
    return _after_raw(source, tag.end(), name) if name in _RAW else tag.end()


def _after_other(source: str, position: int) -> int:
    """Behind what begins with `<` and is no tag: a comment, a declaration, or just the sign."""
    if source.startswith("<!--", position):
        return _after_comment(source, position + 4)
    if found := _DECLARATION.match(source, position):
        return found.end()
    following = source[position + 1 : position + 2]
    return -1 if following.isalpha() or following in {"/", "!", "?"} else position + 1


def _after_comment(source: str, inside: int) -> int:
    end = source.find("-->", inside)
    if end < 0 or source.startswith((">", "->"), inside) or "--!>" in source[inside:end]:
        return -1
    return end + 3


def _after_raw(source: str, inside: int, name: str) -> int:
    """Behind the end of an element whose content is no markup."""
    found = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(source, inside)
    if found is None or "<!--" in source[inside : found.start()]:
        return -1
    return found.end()


@dataclass(slots=True)
class _Shape:
    """The elements that are open, the outermost first."""

    stack: list[str] = field(default_factory=list)

    def open(self, name: str) -> bool:
        if name in VOID or name in _OUTER or name in _RAW:
            return not (self.stack and self.stack[-1] in _TABLE and name not in _WITHIN_TABLE)
        self._end_before(name)
        if name in _ODD or not self._fits(name):
            return False
        self.stack.append(name)
        if len(self.stack) > DEPTH_LIMIT:
            raise RenderError(
                f"more than {DEPTH_LIMIT} elements stand within each other", "Close what is open, nest less"
            )
        return True

    def close(self, name: str) -> bool:
        if name in _OUTER:
            return True
        while self.stack and self.stack[-1] != name and self.stack[-1] in _implied_by_end(name):
            self.stack.pop()
        if not self.stack or self.stack[-1] != name:
            return False
        self.stack.pop()
        return True

    def _end_before(self, name: str) -> None:
        """Take off what the beginning of `name` ends: a paragraph, an item, a cell."""
        while self.stack and self.stack[-1] in _implied_by_start(name):
            self.stack.pop()

    def _fits(self, name: str) -> bool:
        around = self.stack[-1] if self.stack else ""
        if name in _PARENTS:
            return around in _PARENTS[name]
        if around in _TABLE:
            return False
        barred = _NOT_IN_ITSELF.get(name, frozenset()) | (frozenset(["p"]) if name in _ENDS_P else frozenset())
        return not barred or self._none_of(barred)

    def _none_of(self, barred: frozenset[str]) -> bool:
        for outer in reversed(self.stack):
            if outer in barred:
                return False
            if outer in _BOUNDARIES:
                return True
        return True


def _implied_by_end(name: str) -> frozenset[str]:
    if name in _TABLE:
        return _ENDS_ITSELF
    return _CLOSABLE.get(name, frozenset(["p"]))


_CELL: Final = frozenset(["td", "th", "p", "colgroup", "caption"])


def _implied_by_start(name: str) -> frozenset[str]:
    if name in {"td", "th"}:
        return _CELL
    if name == "tr":
        return _CELL | {"tr"}
    if name in {"tbody", "thead", "tfoot", "colgroup"}:
        return _CELL | {"tr", "tbody", "thead", "tfoot"}
    if name == "li":
        return frozenset(["li", "p"])
    if name in {"dd", "dt"}:
        return frozenset(["dd", "dt", "p"])
    return frozenset(["p"]) if name in _ENDS_P else frozenset()
