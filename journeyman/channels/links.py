"""What a mail gets so that we learn of opens and clicks, and its reader can end it."""

import html
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from journeyman.channels.languages import ENGLISH, phrases
from journeyman.channels.link_tags import LinkTags
from journeyman.channels.markup import Tag, replace, tags
from journeyman.channels.tracking import Tokens

URL_LIMIT = 2_000
"""A longer address is left as it is: with its token it would not fit into what mail programs open."""

NO_TAGS = LinkTags()
_TEXT_URL = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_STOP = re.compile(r"\bSTOPP?\b")
_TRAILING = ".,;:!?"
_BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one message. `marketing` mail always offers its reader the way out (RFC 8058)."""

    tokens: Tokens
    message_id: str
    marketing: bool
    track_opens: bool = True
    track_clicks: bool = True
    language: str = ENGLISH
    link_tags: LinkTags = NO_TAGS
    """What the author's links say of where a visit came from."""
    shorten: Callable[[str], str] = str
    """Makes an address short, for channels that count characters; as it is where none does."""

    @property
    def short_unsubscribe(self) -> str:
        return self.shorten(self.unsubscribe_url)

    @property
    def short_preferences(self) -> str:
        return self.shorten(self.preferences_url)

    def tracked(self, url: str) -> str:
        """An address that notes the click and leads on."""
        if not self._is_the_authors(url):
            return url
        tagged = self.link_tags.into(url)
        fits = len(tagged) <= URL_LIMIT
        return self.tokens.click_url(self.message_id, tagged) if self.track_clicks and fits else tagged

    def into_short_text(self, source: str) -> str:
        """Plain text with short addresses; marketing that offers no way out, and does not name STOP, gets one (L2)."""
        own = {self.short_unsubscribe, self.short_preferences}
        if self.marketing and not any(url in source for url in own) and not _STOP.search(source):
            source = f"{source.rstrip()}\n{phrases(self.language).unsubscribe}: {self.short_unsubscribe}"
        return _TEXT_URL.sub(lambda found: self._short_link(found.group(), own), source)

    def _short_link(self, found: str, own: Collection[str]) -> str:
        url = _without_sentence(found)
        ours = url if url in own else self.tracked(url)
        if ours == url:
            return found
        return (self.shorten(ours) if self.track_clicks else ours) + found[len(url) :]

    @property
    def unsubscribe_url(self) -> str:
        return self.tokens.unsubscribe_url(self.message_id)

    @property
    def preferences_url(self) -> str:
        return self.tokens.preferences_url(self.message_id)

    def headers(self) -> dict[str, str]:
        """`List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 2369, RFC 8058) on marketing mail."""
        if not self.marketing:
            return {}
        return {
            "List-Unsubscribe": f"<{self.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def into_html(self, source: str) -> str:
        """`source` with the footer that it lacks, its links replaced by ours, and the pixel before its end."""
        end = len(source)
        changes = []
        for tag in tags(source, "a", "area", "body"):
            if tag.name == "body" and tag.closes:
                end = tag.start
            elif change := self._change(tag):
                changes.append(change)
        return replace(source, sorted([*changes, (end, end, self._ending(source))]))

    def _ending(self, source: str) -> str:
        pixel = _pixel(self.tokens.open_url(self.message_id)) if self.track_opens else ""
        return self._html_footer(source) + pixel

    def _lacking(self, source: str) -> list[tuple[str, str]]:
        """The links, as (text, address), that marketing mail has to have and `source` has not."""
        said = phrases(self.language)
        wanted = [(said.unsubscribe, self.unsubscribe_url), (said.choose, self.preferences_url)]
        return [(text, url) for text, url in wanted if self.marketing and url not in source]

    def _html_footer(self, source: str) -> str:
        lacking = self._lacking(source)
        if not lacking:
            return ""
        said = phrases(self.language)
        links = " · ".join(
            f'<a href="{html.escape(url)}" data-no-track style="color:#4b5563">{html.escape(text)}</a>'
            for text, url in lacking
        )
        style = "margin:24px auto;text-align:center;font:12px/1.5 Arial,sans-serif;color:#4b5563"
        reason = f"{html.escape(said.reason)} " if self.unsubscribe_url not in source else ""
        return f'<p lang="{said.language}" style="{style}">{reason}{links}</p>'

    def into_text(self, source: str, untracked: frozenset[str] = frozenset()) -> str:
        """Likewise for plain text; the addresses in `untracked` stay as they are."""
        if lacking := self._lacking(source):
            footer = "\n".join(f"{text}: {url}" for text, url in lacking)
            source = f"{source.rstrip()}\n\n-- \n{footer}\n"
        return _TEXT_URL.sub(lambda found: self._text_link(found.group(), untracked), source)

    def _change(self, tag: Tag) -> tuple[int, int, str] | None:
        if tag.name not in {"a", "area"} or tag.closes or tag.attribute("data-no-track") is not None:
            return None
        found = tag.span("href")
        if found is None:
            return None
        start, end, url = found
        ours = self.tracked(url.strip())
        return (start, end, f'"{html.escape(ours)}"') if ours != url.strip() else None

    def _text_link(self, found: str, untracked: frozenset[str]) -> str:
        url = _without_sentence(found)
        return found if url in untracked else self.tracked(url) + found[len(url) :]

    def _is_the_authors(self, url: str) -> bool:
        """Whether it leads into the web, and not to what every mail offers or to a short link of ours."""
        web = url.lower().startswith(("http://", "https://"))
        return web and len(url) <= URL_LIMIT and not self.tokens.is_ours(url)


def _without_sentence(found: str) -> str:
    """The address without the punctuation of the sentence around it."""
    url = found.rstrip(_TRAILING)
    while url[-1] in _BRACKETS and url.count(url[-1]) > url.count(_BRACKETS[url[-1]]):
        url = url[:-1].rstrip(_TRAILING)
    return url


def untracked_urls(source: str) -> frozenset[str]:
    """The addresses whose author wrote `data-no-track` on the link."""
    if "data-no-track" not in source:
        return frozenset()
    return frozenset(
        (tag.attribute("href") or "").strip()
        for tag in tags(source, "a", "area")
        if tag.attribute("data-no-track") is not None
    )


def _pixel(url: str) -> str:
    style = "display:block;width:1px;height:1px;border:0"
    return f'<img src="{html.escape(url)}" width="1" height="1" alt="" style="{style}">'
