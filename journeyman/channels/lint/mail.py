"""What is worth a second look in a mail, as it is sent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from journeyman.channels.content.email import EmailContent
from journeyman.channels.lint.colors import WHITE, Color, contrast, luminance, written
from journeyman.channels.lint.findings import TemplateFinding
from journeyman.channels.lint.painting import Paint, painted
from journeyman.channels.lint.words import in_capitals, shorteners, shouts, spam_words
from journeyman.channels.markup import Tag, tags, text_only
from journeyman.channels.rendering import RenderedEmail

CLIPPED: Final = 102 * 1024
"""Bytes of HTML that Gmail shows before `[Message clipped]`."""
SUBJECT: Final = 60
PREHEADER: Final = 110
LITTLE_TEXT: Final = 60
"""Characters beside pictures below which filters speak of a mail that is one picture."""
SHOWN: Final = 5
NORMAL_CONTRAST: Final = 4.5
LARGE_CONTRAST: Final = 3.0
LARGE_PIXELS: Final = 24
LARGE_BOLD_PIXELS: Final = 18.66
DARK: Final = 0.03
"""Relative luminance of text that counts as hard-coded black."""
_HOST: Final = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)
_SCHEME: Final = re.compile(r"color-scheme[\"']?\s*(?:content\s*=|:)\s*[\"']?\s*([a-z ]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    text: str


def mail_findings(content: EmailContent, mail: RenderedEmail, sent: RenderedEmail) -> Iterator[TemplateFinding]:
    """Of `mail`, whose links lead where they lead, and of `sent`, the same with its links made ours."""
    yield from _subject(mail.subject)
    yield from _preheader(content, mail)
    pointer = "/mjml" if content.mjml is not None else "/html" if content.html is not None else "/text"
    yield from _words(mail, pointer)
    if mail.html is not None and sent.html is not None:
        yield from _size(sent.html, pointer)
        yield from _parts(mail.html, mail.text, pointer)
        yield from _links(mail.html, pointer)
        yield from _colors(mail.html, pointer)


def _subject(subject: str) -> Iterator[TemplateFinding]:
    if len(subject) > SUBJECT:
        detail = f"the subject has {len(subject)} characters; mail programs show about {SUBJECT}, telephones fewer"
        yield TemplateFinding("subject-long", "/subject", detail, "Say the most important first, and less")
    if in_capitals(subject):
        yield TemplateFinding(
            "subject-capitals", "/subject", "the subject is written in capitals", "Write it as a sentence"
        )
    if shouts(subject):
        detail = "the subject has several exclamation marks, or both kinds of marks"
        yield TemplateFinding("subject-shouts", "/subject", detail, "Keep one of them")


def _preheader(content: EmailContent, mail: RenderedEmail) -> Iterator[TemplateFinding]:
    if content.preheader is None and "<mj-preview" not in (content.mjml or "") and mail.html is not None:
        detail = "there is no preheader: mail programs show whatever text comes first"
        yield TemplateFinding(
            "no-preheader", "/preheader", detail, "Write 40 to 100 characters that go on from the subject"
        )
    if len(mail.preheader) > PREHEADER:
        detail = f"the preheader has {len(mail.preheader)} characters; mail programs show fewer than {PREHEADER}"
        yield TemplateFinding("preheader-long", "/preheader", detail, "Say less")


def _words(mail: RenderedEmail, pointer: str) -> Iterator[TemplateFinding]:
    for where, text in (("/subject", mail.subject), (pointer, mail.text)):
        if found := spam_words(text):
            quoted = ", ".join(f"“{one}”" for one in found)
            yield TemplateFinding(
                "spam-words", where, f"filters count against a mail: {quoted}", "Say it in your own words"
            )


def _size(html: str, pointer: str) -> Iterator[TemplateFinding]:
    size = len(html.encode())
    if size > CLIPPED:
        detail = f"the HTML has {size / 1024:.0f} KB with its links made ours; Gmail cuts it off after 102"
        yield TemplateFinding("clipped", pointer, detail, "Show fewer items, or repeat less style in each")


def _parts(html: str, text: str, pointer: str) -> Iterator[TemplateFinding]:
    images = [tag for tag in tags(html, "img") if tag.attribute("width") != "1"]
    visible = "".join(piece for piece, _ in painted(html))
    if images and len(visible) < LITTLE_TEXT:
        detail = f"there are {len(images)} pictures and {len(visible)} characters of text"
        yield TemplateFinding("image-only", pointer, detail, "Write as text what the pictures say")
    if not text.strip():
        yield TemplateFinding("no-plain-text", "/text", "the plain-text part would be empty", "Give `text`")
    lacking = [tag.attribute("src") or "" for tag in images if tag.attribute("alt") is None]
    if lacking:
        yield TemplateFinding(
            "no-alt", pointer, f"no `alt`: {_some(lacking)}", 'Say what it shows, or `alt=""` for decoration'
        )


def _links(html: str, pointer: str) -> Iterator[TemplateFinding]:
    links = list(_links_of(html))
    misleading = [f"`{link.text}` leads to {_host(link.url)}" for link in links if _misleads(link)]
    if misleading:
        yield TemplateFinding("misleading-link", pointer, _some(misleading), "Write what is there behind the link")
    pictures = [tag.attribute("src") or "" for tag in tags(html, "img")]
    yield from link_findings([*(link.url for link in links), *pictures], pointer)


def link_findings(urls: list[str], pointer: str) -> Iterator[TemplateFinding]:
    """Of addresses, on whatever channel."""
    short = [url for url in urls if _host(url) in shorteners()]
    if short:
        mend = "Link to where it leads; text messages get short links of your own host"
        yield TemplateFinding("url-shortener", pointer, f"public shorteners: {_some(short)}", mend)
    insecure = [url for url in urls if url.lower().startswith("http://")]
    if insecure:
        yield TemplateFinding("insecure-link", pointer, f"not encrypted: {_some(insecure)}", "Write `https://`")


def _links_of(html: str) -> Iterator[_Link]:
    opened: Tag | None = None
    for tag in tags(html, "a"):
        if tag.closes and opened is not None:
            yield _Link((opened.attribute("href") or "").strip(), text_only(html[opened.end : tag.start]).strip())
        opened = None if tag.closes else tag


def _misleads(link: _Link) -> bool:
    """Whether the text is an address of another host; one host may stand within the other."""
    said = _HOST.fullmatch(link.text)
    actual = _host(link.url)
    if said is None or not actual:
        return False
    shown = said.group(1).lower().removeprefix("www.")
    actual = actual.removeprefix("www.")
    return not (actual == shown or actual.endswith(f".{shown}") or shown.endswith(f".{actual}"))


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower() if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _colors(html: str, pointer: str) -> Iterator[TemplateFinding]:
    schemes = _SCHEME.findall(html)
    if schemes and not any("dark" in one.lower() for one in schemes):
        mend = "Write `light dark`, and colours for the dark in `@media (prefers-color-scheme: dark)`"
        yield TemplateFinding("light-only", pointer, "`color-scheme` names no `dark`", mend)
    weak: dict[str, None] = {}
    dark: dict[str, None] = {}
    for text, paint in painted(html):
        if paint.color is None or not paint.clear:
            continue
        if contrast(paint.color, paint.background or WHITE) < _wanted(paint):
            weak[_pair(text, paint.color, paint.background or WHITE)] = None
        if paint.background is None and luminance(paint.color) < DARK:
            dark[f"“{text[:30]}” {written(paint.color)}"] = None
    if weak:
        yield TemplateFinding(
            "low-contrast",
            pointer,
            _some(list(weak)),
            f"Make it {NORMAL_CONTRAST}:1, for large text {LARGE_CONTRAST:.0f}:1",
        )
    if dark:
        mend = "Give the text around it a background, or its colour a dark form"
        yield TemplateFinding("dark-on-nothing", pointer, f"without a background: {_some(list(dark))}", mend)


def _wanted(paint: Paint) -> float:
    large = paint.pixels >= LARGE_PIXELS or (paint.bold and paint.pixels >= LARGE_BOLD_PIXELS)
    return LARGE_CONTRAST if large else NORMAL_CONTRAST


def _pair(text: str, color: Color, background: Color) -> str:
    return f"“{text[:30]}” {written(color)} on {written(background)} is {contrast(color, background):.1f}:1"


def _some(texts: list[str]) -> str:
    """The first few, each once, cut where they are long."""
    several = list(dict.fromkeys(text[:120] for text in texts))
    more = f" and {len(several) - SHOWN} more" if len(several) > SHOWN else ""
    return ", ".join(several[:SHOWN]) + more
