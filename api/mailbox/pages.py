"""The pages of the mailbox, as HTML."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import Literal
from urllib.parse import urlencode

from api.mailbox.reading import ReadMail
from api.mailbox.store import Summary

View = Literal["mail", "text", "headers", "source"]
Width = Literal["wide", "phone"]

_VIEWS: dict[View, str] = {"mail": "Mail", "text": "Plain text", "headers": "Headers", "source": "Source"}
_WIDTHS: dict[Width, str] = {"wide": "Desktop", "phone": "Phone"}
_HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
_KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list."""

    mails: list[Summary]
    count: int
    newest: int
    query: str
    page: int
    page_size: int

    @property
    def pages(self) -> int:
        return max(-(-self.count // self.page_size), 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail, how it is looked at, and the ids of its neighbours."""

    summary: Summary
    mail: ReadMail
    view: View
    width: Width
    newer: int | None
    older: int | None


def list_page(listing: Listing) -> str:
    title = f"Results for “{listing.query}”" if listing.query else "Mailbox"
    rows = "".join(_row(mail) for mail in listing.mails) or _nothing(listing)
    body = f"""
<div class="bar">
  <form class="search" role="search" action="/">
    <input type="search" name="q" value="{escape(listing.query)}" placeholder="Search by address or subject"
      aria-label="Search by address or subject">
  </form>
  <p class="count" aria-live="polite">{_counted(listing.count)}</p>
  {_clear_button() if listing.count and not listing.query else ""}
</div>
<ol class="mails">{rows}</ol>
{_pager(listing)}"""
    live = ' data-live="yes"' if listing.page == 1 else ""
    return _page(title, body, f'data-newest="{listing.newest}"{live}', refresh=listing.page == 1)


def mail_page(reading: Reading) -> str:
    summary = reading.summary
    subject = escape(summary.subject) or '<em class="none">No subject</em>'
    body = f"""
<nav class="bar">
  <a class="button" href="/">← All mail</a>
  <span class="steps">{_step(reading.newer, "Newer", "↑")}{_step(reading.older, "Older", "↓")}</span>
</nav>
<article class="mail">
  <header>
    <h1>{subject}</h1>
    <dl>
      <dt>From</dt><dd>{escape(summary.sender)}</dd>
      <dt>To</dt><dd>{escape(", ".join(summary.recipients))}</dd>
      <dt>Received</dt><dd>{_time(summary.received_at)} · {_size(summary.size)}</dd>
    </dl>
    {_chips(reading.mail)}
  </header>
  {_tabs(reading)}
  {_content(reading)}
</article>"""
    return _page(summary.subject or "Mail", body, 'class="reading"')


def missing_page() -> str:
    body = '<div class="empty"><h1>This mail is gone</h1><p>The mailbox keeps the newest mails only.</p>'
    return _page("Not found", body + '<p><a class="button" href="/">← All mail</a></p></div>')


def framed(html: str) -> str:
    """The HTML of a mail, whose links open in a new tab."""
    base = '<base target="_blank">'
    head = _HEAD.search(html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def _page(title: str, body: str, attributes: str = "", *, refresh: bool = False) -> str:
    without_script = '<noscript><meta http-equiv="refresh" content="10"></noscript>' if refresh else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Journeyman mailbox</title>
<link rel="icon" href="/assets/mailbox.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/mailbox.css">
<script src="/assets/mailbox.js" defer></script>
{without_script}
</head>
<body>
<header class="top"><a href="/"><img src="/assets/mailbox.svg" alt="" width="28" height="28">
<strong>Journeyman</strong> mailbox</a><span>Mail is caught here and goes nowhere else</span></header>
<main {attributes}>{body}</main>
</body>
</html>"""


def _row(mail: Summary) -> str:
    recipient = mail.recipients[0] if mail.recipients else "nobody"
    more = f' <span class="more">+{len(mail.recipients) - 1}</span>' if len(mail.recipients) > 1 else ""
    subject = escape(mail.subject) or '<em class="none">No subject</em>'
    hue = sha256(recipient.encode()).digest()[0] * 360 // 256
    return f"""
<li><a href="/messages/{mail.id}">
  <span class="avatar" style="--hue:{hue}" aria-hidden="true">{escape(recipient[:1].upper())}</span>
  <span class="to">{escape(recipient)}{more}</span>
  <span class="subject">{subject}</span>
  <span class="preview">{escape(mail.preview)}</span>
  {_time(mail.received_at)}
</a></li>"""


def _nothing(listing: Listing) -> str:
    if listing.query:
        return '<li class="empty"><h1>Nothing found</h1><p>No address or subject has these words.</p></li>'
    words = "As soon as a journey sends an e-mail, it appears here by itself."
    return f'<li class="empty"><img src="/assets/mailbox.svg" alt="" width="72"><h1>No mail yet</h1><p>{words}</p></li>'


def _counted(count: int) -> str:
    return f"{count:,} mail{'' if count == 1 else 's'}"


def _clear_button() -> str:
    return '<form class="clear" method="post" action="/clear"><button class="button quiet">Delete all</button></form>'


def _pager(listing: Listing) -> str:
    if listing.pages == 1:
        return ""
    links = {"← Newer": listing.page - 1, "Older →": listing.page + 1}
    shown = {text: page for text, page in links.items() if 1 <= page <= listing.pages}
    newer, older = (_page_link(listing, text, shown.get(text)) for text in links)
    return f'<nav class="pager" aria-label="Pages">{newer}<span>{listing.page} of {listing.pages}</span>{older}</nav>'


def _page_link(listing: Listing, text: str, page: int | None) -> str:
    if page is None:
        return f'<span class="button" aria-disabled="true">{text}</span>'
    query = urlencode({"q": listing.query, "page": page} if listing.query else {"page": page})
    return f'<a class="button" href="/?{escape(query)}">{text}</a>'


def _step(mail_id: int | None, text: str, arrow: str) -> str:
    if mail_id is None:
        return f'<span class="button" aria-disabled="true">{arrow} {text}</span>'
    return f'<a class="button" href="/messages/{mail_id}">{arrow} {text}</a>'


def _chips(mail: ReadMail) -> str:
    chips = []
    if "one-click" in mail.header("List-Unsubscribe-Post").lower():
        chips.append('<li class="good">One-click unsubscribe</li>')
    chips += [f"<li>📎 {escape(name)}</li>" for name in mail.attachments()]
    return f'<ul class="chips">{"".join(chips)}</ul>' if chips else ""


def _tabs(reading: Reading) -> str:
    views = "".join(
        _tab(name, reading.view == view, view=view, width=reading.width)
        for view, name in _VIEWS.items()
        if view != "mail" or reading.mail.html is not None
    )
    widths = "".join(
        _tab(name, reading.width == width, view=reading.view, width=width) for width, name in _WIDTHS.items()
    )
    shown = f'<span class="widths">{widths}</span>' if _shows_html(reading) else ""
    return f'<nav class="tabs"><span>{views}</span>{shown}</nav>'


def _tab(name: str, current: bool, **query: str) -> str:
    mark = ' aria-current="true"' if current else ""
    return f'<a href="?{escape(urlencode(query))}"{mark}>{name}</a>'


def _shows_html(reading: Reading) -> bool:
    return reading.view == "mail" and reading.mail.html is not None


def _content(reading: Reading) -> str:
    if _shows_html(reading):
        source = f"/messages/{reading.summary.id}/html"
        sandbox = "allow-popups allow-popups-to-escape-sandbox"
        frame = f'<iframe class="{reading.width}" src="{source}" sandbox="{sandbox}" title="The mail"></iframe>'
        note = (
            "Pictures from other servers are not loaded. Links open in a new tab, as your customer would follow them."
        )
        return f'<div class="stage">{frame}</div><p class="note">{note}</p>'
    if reading.view == "headers":
        rows = (f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in reading.mail.headers())
        return f'<div class="scroll"><table class="headers">{"".join(rows)}</table></div>'
    if reading.view == "source":
        return f'<pre class="source">{escape(reading.mail.source.decode("utf-8", "replace"))}</pre>'
    text = reading.mail.text
    return f'<pre class="text">{_linked(text)}</pre>' if text else '<p class="note">This mail has no plain text.</p>'


def _linked(text: str) -> str:
    """Plain text whose web addresses can be followed."""
    pieces = re.split(r"(https?://[^\s<>\"')\]]+)", text)
    return "".join(
        f'<a href="{escape(piece)}" target="_blank" rel="noopener">{escape(piece)}</a>' if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def _time(instant: datetime) -> str:
    shown = instant.strftime("%d %b %H:%M UTC")
    return f'<time datetime="{instant.isoformat()}">{shown}</time>'


def _size(size: int) -> str:
    return f"{size:,} bytes" if size < _KILOBYTE else f"{size / _KILOBYTE:.1f} KB"
