"""What is wrong with a proposal: whatever a model was told, and whoever told it, is looked for here."""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.text import TextContent
from journeyman.channels.copywriting.pieces import MARKUP, Piece, without_liquid
from journeyman.channels.copywriting.voice import Voice
from journeyman.channels.lint.lint import lint
from journeyman.channels.liquid_outline import outline
from journeyman.channels.making import make
from journeyman.channels.render_errors import RenderError
from journeyman.channels.sms.segments import segments_of

REFUSING: Final = frozenset(
    {"cannot-render", "spam-words", "misleading-link", "url-shortener", "insecure-link", "no-plain-text", "clipped"}
)
"""Findings of lint for which a proposal is refused where the template itself does not have them."""
LINES: Final = frozenset({"subject", "preheader", "title"})
_DEFAULT: Final = re.compile(r"""(\|\s*default\s*:\s*)('[^'{}<>]*'|"[^"{}<>]*")""")
_BLANKS: Final = re.compile(r"\s+")
_LINK: Final = re.compile(
    r"(?:https?|javascript|data|vbscript|mailto|tel|sms|ftp|file|blob)\s*:\S*|(?<![:\w])//\w\S*|\bwww\.\S*"
    r"|[\w.+-]+@[\w-]+\.\w\S*|\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b(?:[/?#:]\S*)?",
    re.IGNORECASE,
)
"""Addresses of any kind, and names of hosts."""
_ENDS: Final = ".,:;!?)]\"'"
"""What ends a sentence rather than an address."""
_PHONE: Final = re.compile(r"\+?\d(?:[\s()./-]?\d){6,}")
_TAG: Final = re.compile(r"<\s*[a-z/!?]", re.IGNORECASE)
_SEEN: Final = frozenset("\n\u200d")
"""Line breaks, and what stands within emoji of several signs, and within words of some scripts."""


@dataclass(frozen=True, slots=True)
class CopyFinding:
    """Something in a proposal; where it `refuses`, nobody can take the proposal. `pointer` names the field or piece."""

    code: str
    pointer: str
    detail: str
    mend: str
    refuses: bool = True


def text_findings(
    pieces: Sequence[Piece], texts: Mapping[str, str], limits: Mapping[str, int], voice: Voice
) -> Iterator[CopyFinding]:
    """Of the texts as they came, beside the words of the template."""
    if all(texts[piece.name] == piece.text for piece in pieces):
        yield CopyFinding("unchanged", "", "it says what the template says already", "Write it anew")
    for piece in pieces:
        text, pointer = texts[piece.name], f"/{piece.name}"
        if not text:
            yield CopyFinding("empty", pointer, "there is no text", "Write one")
            continue
        yield from _liquid(pointer, piece.text, text)
        yield from _additions(pointer, piece, text)
        yield from _words(pointer, text, voice)
    yield from _lengths(pieces, texts, limits)


def content_findings(before: TemplateContent, after: TemplateContent, parts: int | None) -> Iterator[CopyFinding]:
    """Of the template with the proposal in it, beside the template as it is."""
    known = {(one.code, one.pointer, one.detail) for one in lint(before)}
    for one in lint(after):
        refuses = one.code in REFUSING and (one.code, one.pointer, one.detail) not in known
        yield CopyFinding(one.code, one.pointer, one.detail, one.mend, refuses)
    taken = parts_of(after)
    if parts is not None and taken is not None and taken > parts:
        detail = f"the text message takes {taken} parts, and {parts} are allowed"
        yield CopyFinding("too-many-parts", "/text", detail, "Say less, in characters of the GSM alphabet")


def parts_of(content: TemplateContent) -> int | None:
    """How many parts a text message takes for somebody of whom nothing is known; None for anything else."""
    if not isinstance(content, TextContent):
        return None
    try:
        return len(segments_of(getattr(make(content, {}, None, "sample", "sample"), "text", "")).parts)
    except RenderError:
        return None


def _liquid(pointer: str, before: str, after: str) -> Iterator[CopyFinding]:
    try:
        found = _shape(after)
    except RenderError as error:
        yield CopyFinding("liquid-broken", pointer, error.detail, error.mend)
        return
    if found != _shape(before):
        detail = "its Liquid is not that of the template: variables, filters and tags stay as they are"
        yield CopyFinding("liquid-changed", pointer, detail, "Keep each `{{ … }}` and `{% … %}` as it is, once")


def _shape(source: str) -> tuple[Counter[str], list[str]]:
    """What is written by Liquid, in any order, and its tags in theirs; what `default` says may be other words."""
    written, tags = Counter[str](), []
    for one in outline(source):
        text = _BLANKS.sub(" ", _DEFAULT.sub(r"\1''", source[one.start : one.end]))
        if one.name:
            tags.append(text)
        else:
            written[text] += 1
    return written, tags


def _additions(pointer: str, piece: Piece, text: str) -> Iterator[CopyFinding]:
    """What may be in a text only where it was there before."""
    added = _addresses(text) - _addresses(piece.text)
    if added:
        shown = ", ".join(f"`{one}`" for one in sorted(added)[:3])
        yield CopyFinding("link-added", pointer, f"it has links or addresses of its own: {shown}", "Leave them out")
    bare = html.unescape(_outside(text))
    if _TAG.search(bare) or (piece.field in MARKUP and set("<>") & set(_outside(text))):
        yield CopyFinding("markup-added", pointer, "it has markup of its own", "Write plain words")
    if odd := sorted({one for one in text if _is_odd(one)} - set(piece.text)):
        shown = ", ".join(f"U+{ord(one):04X}" for one in odd[:3])
        yield CopyFinding("odd-characters", pointer, f"it has characters that nobody sees: {shown}", "Leave them out")
    if "\n" in text and (piece.field in LINES or piece.field in MARKUP) and "\n" not in piece.text:
        yield CopyFinding("several-lines", pointer, "it has more than one line", "Write it in one line")


def _addresses(text: str) -> set[str]:
    """Links, hosts and telephone numbers, as they look to people and as references resolve."""
    said = " ".join([_outside(text), *(found.group(2)[1:-1] for found in _DEFAULT.finditer(text))])
    plain = unicodedata.normalize("NFKC", html.unescape(said)).replace("\u3002", ".")
    return {found.group().rstrip(_ENDS).lower() for one in (_LINK, _PHONE) for found in one.finditer(plain)}


def _is_odd(one: str) -> bool:
    return one not in _SEEN and (unicodedata.category(one) in {"Cc", "Cf", "Co", "Cs"} or one == "\ufffd")


def _outside(text: str) -> str:
    try:
        return without_liquid(text)
    except RenderError:
        return text


def _words(pointer: str, text: str, voice: Voice) -> Iterator[CopyFinding]:
    plain = _folded(html.unescape(text))
    for phrase in (one for one in voice.avoid if _stands_in(one, plain)):
        yield CopyFinding("word-avoided", pointer, f"the brand does not say “{phrase}”", "Say it in other words")
    for phrase in (one for one in voice.forbidden_claims if _stands_in(one, plain)):
        yield CopyFinding("claim-forbidden", pointer, f"“{phrase}” may not be claimed", "Leave the claim out")


def _stands_in(phrase: str, plain: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(_folded(phrase))}(?!\w)", plain) is not None


def _folded(text: str) -> str:
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _lengths(pieces: Sequence[Piece], texts: Mapping[str, str], limits: Mapping[str, int]) -> Iterator[CopyFinding]:
    for field, limit in limits.items():
        count = sum(len(_outside(texts[piece.name])) for piece in pieces if piece.field == field)
        if count > limit:
            detail = f"it has {count} characters, and {limit} are allowed"
            yield CopyFinding("too-long", f"/{field}", detail, "Say less")
