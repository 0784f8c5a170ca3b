"""The plain-text part of a mail whose author wrote none, made from its HTML."""

import html
import re

from journeyman.channels.markup import Tag, tags, without_comments

_HIDDEN = frozenset(["head", "style", "script", "title", "noscript", "template"])
_LINES = frozenset(["div", "tr", "li", "section", "article", "header", "footer", "center", "address", "figure", "br"])
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "hr"])
_INVISIBLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_PADDING = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f]")
"""Characters without width, with which preheaders are filled up."""


class _Writer:
    """Collects text and remembers what it is within."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._hidden: list[str] = []
        self._link: tuple[str, int] | None = None

    def text(self, raw: str) -> None:
        if not self._hidden:
            self.pieces.append(_PADDING.sub("", " ".join(html.unescape(raw).split(" "))).replace("\n", " "))

    def tag(self, tag: Tag) -> None:
        if self._hidden:
            self._count_hidden(tag)
        elif not tag.closes and not tag.empty and _is_hidden(tag):
            self._hidden.append(tag.name)
        else:
            self._visible(tag)

    def _count_hidden(self, tag: Tag) -> None:
        if tag.name != self._hidden[-1] or tag.empty:
            return
        if tag.closes:
            self._hidden.pop()
        else:
            self._hidden.append(tag.name)

    def _visible(self, tag: Tag) -> None:
        if tag.name == "a":
            self._anchor(tag)
        elif tag.name == "img":
            self.pieces.append(f" {tag.attribute('alt') or ''} ")
        elif tag.name == "li" and not tag.closes:
            self.pieces.append("\n- ")
        elif tag.name in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag.name in _LINES:
            self.pieces.append("\n")
        elif tag.name in {"td", "th"}:
            self.pieces.append(" ")

    def _anchor(self, tag: Tag) -> None:
        if not tag.closes:
            self._link = (tag.attribute("href") or "", len(self.pieces))
        elif self._link is not None:
            url, start = self._link
            shown = "".join(self.pieces[start:]).strip()
            if url.startswith(("http://", "https://", "mailto:", "tel:")) and shown != url:
                self.pieces.append(f" ({url})" if shown else url)
            self._link = None


def plain_text(source: str) -> str:
    """Readable text of `source`: paragraphs, list items, and links as `text (address)`."""
    source = without_comments(source)
    writer = _Writer()
    position = 0
    for tag in tags(source):
        writer.text(source[position : tag.start])
        writer.tag(tag)
        position = tag.end
    writer.text(source[position:])
    lines = [_BLANKS.sub(" ", line).strip() for line in "".join(writer.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _is_hidden(tag: Tag) -> bool:
    return tag.name in _HIDDEN or bool(_INVISIBLE.search(tag.attribute("style") or ""))
