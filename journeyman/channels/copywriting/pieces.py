"""The words of a template that can be written anew, apart from its markup: each a piece with a name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from journeyman.channels.content.alternatives import in_language
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.languages import normal
from journeyman.channels.liquid_outline import outline
from journeyman.channels.markup import replace, tags
from journeyman.kit.errors import Fault, InvalidError

FIELDS: Final = ("subject", "preheader", "mjml", "html", "text", "title", "body")
MARKUP: Final = frozenset({"mjml", "html"})
MOST_PIECES: Final = 100
MOST_CHARACTERS: Final = 20_000
NOT_WORDS: Final = frozenset({"style", "script", "title", "mj-style", "mj-title", "mj-raw", "textarea", "noscript"})
"""Elements whose content is not what a mail says."""
_MASK: Final = "\ue000"
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|$)|<[!?][^<>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together: a whole field, or what stands between two tags of one. Positions are the field's."""

    name: str
    field: str
    text: str
    start: int
    end: int


def base_of(content: TemplateContent, language: str | None) -> tuple[TemplateContent, str | None]:
    """The content whose words are written anew, and the language under which they are kept.

    That is None for the content's own; one that the content does not have yet is written after its own.
    """
    if language is None or (content.language is not None and normal(content.language) == normal(language)):
        return content, None
    there = next((tag for tag in content.languages if normal(tag) == normal(language)), None)
    return (in_language(content, there), there) if there is not None else (content, language)


def pieces_of(content: TemplateContent, fields: Sequence[str]) -> list[Piece]:
    """The pieces of these fields, or of all where none is named.

    Raises `InvalidError` where a field is not there, or there is more than a model should be given at once.
    """
    there = {name: text for name in FIELDS if isinstance(text := getattr(content, name, None), str)}
    if missing := [name for name in fields if name not in there]:
        detail, mend = f"the template has no `{missing[0]}`", f"It has: {', '.join(there) or 'no texts'}"
        raise InvalidError(detail, [Fault("/fields", detail, mend)])
    found = [piece for name in there if not fields or name in fields for piece in _pieces(name, there[name])]
    if not found:
        detail = "there are no words in it that could be written anew"
        raise InvalidError(detail, [Fault("/fields", detail, "Name other fields")])
    if len(found) > MOST_PIECES or sum(len(piece.text) for piece in found) > MOST_CHARACTERS:
        detail = f"that is more than {MOST_PIECES} pieces of text or {MOST_CHARACTERS:,} characters"
        raise InvalidError(detail, [Fault("/fields", detail, "Name fewer fields")])
    return found


def written(content: TemplateContent, pieces: Sequence[Piece], texts: Mapping[str, str]) -> dict[str, str]:
    """The fields as they are with these texts in the place of the pieces."""
    fields = {}
    for name in dict.fromkeys(piece.field for piece in pieces):
        changes = [(piece.start, piece.end, texts[piece.name]) for piece in pieces if piece.field == name]
        fields[name] = replace(getattr(content, name), changes)
    return fields


def with_fields(
    document: Mapping[str, Any],
    fields: Mapping[str, str],
    language: str | None,
    variant: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A content's document with these fields: its own, those of a language, or those of a variant in either."""
    if variant is not None:
        others = [one for one in document.get("variants", ()) if one["key"] != variant["key"]]
        mine: Mapping[str, Any] = next(
            (one for one in document.get("variants", ()) if one["key"] == variant["key"]), {}
        )
        return {**document, "variants": [*others, {**_placed(mine, fields, language), **variant}]}
    return _placed(document, fields, language)


def _placed(document: Mapping[str, Any], fields: Mapping[str, str], language: str | None) -> dict[str, Any]:
    if language is None:
        return {**document, **fields}
    languages = document.get("languages", {})
    return {**document, "languages": {**languages, language: {**languages.get(language, {}), **fields}}}


def _pieces(field: str, source: str) -> list[Piece]:
    if field not in MARKUP:
        return [Piece(field, field, source, 0, len(source))]
    spans = [span for span in _spans(source) if any(one.isalpha() for one in without_liquid(source[slice(*span)]))]
    return [Piece(f"{field}_{place}", field, source[slice(*span)], *span) for place, span in enumerate(spans, 1)]


def without_liquid(source: str, mask: str = "") -> str:
    """The text without its Liquid, each character of which is a `mask`. Raises `RenderError`."""
    parts = list(outline(source))
    return replace(source, [(one.start, one.end, mask * (one.end - one.start)) for one in parts])


def _spans(source: str) -> Iterator[tuple[int, int]]:
    """Where words stand between tags, without the blanks around them."""
    masked = without_liquid(source, _MASK)
    position, skipped = 0, ""
    for tag in tags(masked):
        if not skipped:
            yield from _within(masked, position, tag.start)
        if not tag.closes and not tag.empty and tag.name in NOT_WORDS:
            skipped = skipped or tag.name
        elif tag.closes and tag.name == skipped:
            skipped = ""
        position = tag.end
    if not skipped:
        yield from _within(masked, position, len(masked))


def _within(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What stands there beside comments and declarations."""
    position = start
    edges = [(found.start(), found.end()) for found in _COMMENT.finditer(source, start, end)]
    for edge, after in [*edges, (end, end)]:
        words = source[position:edge]
        if words.strip() and not _MARKS & set(words):
            yield position + len(words) - len(words.lstrip()), position + len(words.rstrip())
        position = after


_MARKS: Final = frozenset("<>")
"""Where one of these stands between tags, nobody knows what browsers make of it: it is left alone."""
