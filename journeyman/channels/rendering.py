"""A template and one customer become a mail.

Liquid comes first, so that loops may make whole sections of MJML; every value is escaped there (`| safe` is the
author's own word). Then MJML becomes HTML, CSS is put into the elements, and links are made ours.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import css_inline
from liquid import BoundTemplate

from journeyman.channels import mjml
from journeyman.channels.budget import budget, tick
from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.email import EmailContent
from journeyman.channels.css_cost import refuse_costly_styles
from journeyman.channels.html_shape import refuse_shape
from journeyman.channels.links import Links, untracked_urls
from journeyman.channels.liquid import Liquid
from journeyman.channels.liquid_blocks import BLOCKS
from journeyman.channels.liquid_bounds import WEIGHT_LIMIT
from journeyman.channels.markup import replace, tags
from journeyman.channels.native import call_native
from journeyman.channels.plain_text import plain_text
from journeyman.channels.render_errors import RenderError

SUBJECT_LIMIT = 250
"""Characters; a longer subject is cut. Mail programs show about 70 of them."""

LIGHT_AND_DARK = (
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    "<style>:root{color-scheme:light dark;supported-color-schemes:light dark}</style>"
)
"""What Apple Mail and others read of a mail's dark form (CSS Color Adjustment, section 2; HTML, section 4.2.5)."""
_COLOR_SCHEME = re.compile(r"(?<!prefers-)color-scheme", re.IGNORECASE)

_NO_LINKS = {"unsubscribe_url": "", "preferences_url": ""}
_READER = css_inline.CSSInliner(load_remote_stylesheets=False, inline_style_tags=False, keep_style_tags=True)
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """What is sent. `headers` are what the template and the links ask for beyond subject and bodies."""

    subject: str
    html: str | None
    text: str
    preheader: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Compiled:
    subject: Liquid
    preheader: Liquid | None
    mjml: Liquid | None
    html: Liquid | None
    text: Liquid | None


def render_email(content: EmailContent, scope: Mapping[str, object], links: Links | None) -> RenderedEmail:
    """The mail of `content` for the customer in `scope` (`customer`, `event`, `entry`, `context`, `journey`).

    Without `links` nothing is tracked, and `unsubscribe_url` and `preferences_url` are empty, as previews have it.
    Raises `RenderError`.
    """
    with budget():
        return _rendered(content, scope, links)


def _rendered(content: EmailContent, scope: Mapping[str, object], links: Links | None) -> RenderedEmail:
    compiled = _compile(content)
    own = {"unsubscribe_url": links.unsubscribe_url, "preferences_url": links.preferences_url} if links else _NO_LINKS
    scope = {**with_blocks(content, scope), **own}
    subject = render_line(compiled.subject, scope)
    if not subject:
        raise RenderError("the subject is empty for this customer", "Give a missing value another one: `| default:`")
    preheader = render_line(compiled.preheader, scope) if compiled.preheader else ""
    body = _body(compiled, scope, preheader)
    text = compiled.text.render(scope) if compiled.text else plain_text(body or "")
    if links:
        text = links.into_text(text, untracked_urls(body or ""))
        body = links.into_html(body) if body is not None else None
    headers = {**content.headers(), **(links.headers() if links else {})}
    return RenderedEmail(subject, body, text, preheader, headers)


def render_line(template: Liquid, scope: Mapping[str, object]) -> str:
    """One line for a header: no line breaks, no control characters, not longer than the limit."""
    line = " ".join("".join(char if char.isprintable() else " " for char in template.render(scope)).split())
    return line if len(line) <= SUBJECT_LIMIT else line[: SUBJECT_LIMIT - 1].rstrip() + "…"


def mjml_to_html(source: str) -> str:
    """HTML within bounds. Raises `RenderError`."""
    return _within_limit(mjml.to_html(source))


def finish_html(source: str) -> str:
    """`source` with its style sheets in the elements; `@media` rules stay. Raises `RenderError`."""
    if not refuse_shape(source) and "<style" in source.lower():
        # Read as browsers do and written down again, it shows every element that styles could be put into.
        source = _within_limit(call_native(lambda: _READER.inline(source), "Check the HTML"))
    refuse_costly_styles(source)
    tick()
    return _within_limit(call_native(lambda: _INLINER.inline(source), "Check the HTML and its style sheets"))


def _body(compiled: _Compiled, scope: Mapping[str, object], preheader: str) -> str | None:
    if compiled.mjml:
        body = mjml_to_html(compiled.mjml.render(scope))
    elif compiled.html:
        body = finish_html(compiled.html.render(scope))
    else:
        return None
    body = _with_color_scheme(body)
    return _with_preheader(body, preheader) if preheader else body


def _with_color_scheme(source: str) -> str:
    """With the word that a dark form is welcome, where the mail says nothing of it itself."""
    if _COLOR_SCHEME.search(source):
        return source
    after = next((tag.end for tag in tags(source, "head") if not tag.closes), None)
    return source if after is None else replace(source, [(after, after, LIGHT_AND_DARK)])


def _with_preheader(source: str, preheader: str) -> str:
    """What mail programs show after the subject, hidden in the mail itself."""
    style = "display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:transparent"
    hidden = f'<div style="{style}">{html.escape(preheader)}</div>'
    after = next((tag.end for tag in tags(source, "body") if not tag.closes), 0)
    return replace(source, [(after, after, hidden)])


def _within_limit(source: str) -> str:
    if len(source) > WEIGHT_LIMIT:
        raise RenderError(f"the HTML is larger than {WEIGHT_LIMIT:,} characters", "Show fewer items")
    return source


def _compile(content: EmailContent) -> _Compiled:
    return _Compiled(
        subject=liquid(content.subject, escape=False),
        preheader=_optional(content.preheader, escape=False),
        mjml=_optional(content.mjml, escape=True),
        html=_optional(content.html, escape=True),
        text=_optional(content.text, escape=False),
    )


def _optional(source: str | None, *, escape: bool) -> Liquid | None:
    return None if source is None else liquid(source, escape=escape)


@lru_cache(maxsize=2048)
def liquid(source: str, *, escape: bool, name: str = "") -> Liquid:
    """The template, read once for all customers; a block has a name."""
    return Liquid(source, escape=escape, name=name)


class BlockTexts:
    """The blocks of a content, read when they are rendered first."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def template(self, name: str, *, escape: bool) -> BoundTemplate | None:
        """The block as it has been read; None where there is none. Raises `RenderError`."""
        return liquid(self.texts[name], escape=escape, name=name).template if name in self.texts else None


def with_blocks(content: ChannelContent, scope: Mapping[str, object]) -> Mapping[str, object]:
    """The scope with what `{% render %}` takes."""
    if not content.blocks:
        return scope
    return {**scope, BLOCKS: BlockTexts({name: block.text for name, block in content.blocks.items()})}
