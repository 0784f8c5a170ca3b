"""The few pages that customers see: plain HTML that every browser shows and every screen reader reads, no scripts."""

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence

from fastapi import Request, Response

from api.errors import problem
from journeyman.channels.languages import negotiated, phrases
from journeyman.channels.phrases import Phrases
from journeyman.journeys.subscribing.choices import Choice

STYLE = """\
:root{color-scheme:light dark;--page:#f3f4f6;--card:#fff;--text:#111827;--soft:#4b5563;--line:#d1d5db;--edge:#6b7280;\
--main:#1d4ed8;--over:#1e40af;--link:#1d4ed8;--good:#15803d;--glow:#f0fdf4}
@media (prefers-color-scheme:dark){:root{--page:#0b0f19;--card:#151b28;--text:#f3f4f6;--soft:#b6bdc9;--line:#374151;\
--edge:#9ca3af;--main:#2563eb;--over:#1d4ed8;--link:#93c5fd;--good:#4ade80;--glow:#10281b}}
*{box-sizing:border-box}
body{font:1.0625rem/1.5 system-ui,sans-serif;margin:0;background:var(--page);color:var(--text);display:grid;\
min-height:100vh;align-content:center;justify-content:center;grid-template-columns:minmax(0,36rem);padding:2rem 1rem}
main{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2.25rem 2.5rem;\
overflow-wrap:anywhere}
main>:first-child,form>:first-child{margin-top:0}
main>:last-child,form>:last-child{margin-bottom:0}
h1{font-size:1.625rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .75rem;text-wrap:balance}
p{margin:.75rem 0}
ul{margin:1rem 0 1.5rem;padding-left:1.25rem}
a{color:var(--link)}
form+p,p+form{margin-top:1.25rem}
fieldset{border:0;margin:1.75rem 0 0;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin-bottom:.25rem}
.choice{display:grid;grid-template-columns:auto 1fr;column-gap:.875rem;align-items:start;\
border-top:1px solid var(--line);padding:.375rem 0}
.choice:last-child{border-bottom:1px solid var(--line)}
.choice input{width:1.375rem;height:1.375rem;margin:.6rem 0 0;accent-color:var(--main)}
.choice label{padding:.5rem 0;cursor:pointer}
.choice p{grid-column:2;margin:-.375rem 0 .5rem;font-size:.9375rem;color:var(--soft)}
[role=status]{border-left:.25rem solid var(--good);border-radius:.375rem;background:var(--glow);margin:1.25rem 0;\
padding:.75rem 1rem}
button{font:inherit;font-weight:600;min-height:3rem;margin-top:1.25rem;padding:.625rem 1.5rem;\
border:2px solid var(--main);border-radius:.5rem;background:var(--main);color:#fff;cursor:pointer}
button:hover{background:var(--over);border-color:var(--over)}
button.second{background:transparent;border-color:var(--edge);color:inherit}
button.second:hover{border-color:currentColor}
form.second{margin-top:2rem;padding-top:1.75rem;border-top:1px solid var(--line)}
form.second p,form.second button{margin-top:0}
:focus-visible{outline:3px solid var(--link);outline-offset:3px}
@media (max-width:30rem){body{padding:0;align-content:start;background:var(--card)}
main{border:0;border-radius:0;padding:1.75rem 1.25rem 2.5rem}button{width:100%}}"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""Headers of every answer to a link in a message."""


def spoken(request: Request) -> Phrases:
    """Our words in the best language that the reader's browser asks for."""
    return phrases(negotiated(request.headers.get("accept-language", "")))


def page(said: Phrases, title: str, *paragraphs: str, body: str = "", status: int = 200) -> Response:
    """A page of a heading and paragraphs, which are escaped; `body` is HTML."""
    text = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    heading = html.escape(title)
    source = (
        f'<!doctype html><html lang="{said.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{heading}</h1>{text}{body}</main></body></html>"
    )
    headers = SAFE | {"Vary": "Accept-Language", "Content-Language": said.language}
    return Response(source, status, headers, "text/html")


def unsubscribe_question(said: Phrases, channel: str, preferences_url: str) -> Response:
    """Asks before anything happens, for programs follow links as well."""
    effect, wording, _ = said.leaving(channel)
    button = f'<form method="post"><button type="submit">{html.escape(wording)}</button></form>'
    other = f'<p><a href="{html.escape(preferences_url)}">{html.escape(said.or_choose)}</a></p>'
    return page(said, said.unsubscribe_question, effect, body=button + other)


def unsubscribed(said: Phrases, channel: str, *, known: bool) -> Response:
    if known:
        return page(said, said.unsubscribed, said.leaving(channel)[2])
    return page(said, said.unknown, said.unknown_effect)


def confirm_question(said: Phrases, names: Iterable[str]) -> Response:
    """Asks once more: a link is followed by programs as well, a button is pressed by people."""
    items = "".join(f"<li>{html.escape(name)}</li>" for name in names)
    button = f'<form method="post"><button type="submit">{html.escape(said.confirm_button)}</button></form>'
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in (said.confirm_effect, said.confirm_otherwise))
    return page(said, said.confirm_question, body=f"<ul>{items}</ul>{button}{notes}")


def confirmed(said: Phrases, *, holds: bool) -> Response:
    if holds:
        return page(said, said.confirmed, said.confirmed_effect)
    return page(said, said.confirmation_over, said.confirmation_over_effect)


def preference_centre(said: Phrases, choices: Sequence[Choice], notice: str | None = None) -> Response:
    """Every choice as a box, and one button that ends everything. What was shown is sent back with what is ticked."""
    legends: Mapping[str, str] = {"channel": said.preferences_channels, "topic": said.preferences_topics}
    groups = "".join(
        _group(legend, [one for one in choices if one.kind == kind], said) for kind, legend in legends.items()
    )
    status = f'<p role="status">{html.escape(notice)}</p>' if notice else ""
    save = f'<button type="submit" name="do" value="save">{html.escape(said.save)}</button>'
    leave = (
        f"<p>{html.escape(said.leave_all_effect)}</p>"
        f'<button type="submit" class="second" name="do" value="leave">{html.escape(said.leave_all)}</button>'
    )
    body = f'{status}<form method="post">{groups}{save}</form><form method="post" class="second">{leave}</form>'
    return page(said, said.preferences, said.preferences_intro, body=body)


def _group(legend: str, choices: Sequence[Choice], said: Phrases) -> str:
    if not choices:
        return ""
    boxes = "".join(_box(one, said) for one in choices)
    return f"<fieldset><legend>{html.escape(legend)}</legend>{boxes}</fieldset>"


def _box(choice: Choice, said: Phrases) -> str:
    subject = html.escape(choice.subject)
    about = [part for part in (choice.description, said.waiting if choice.is_waiting else "") if part]
    described = f' aria-describedby="about-{subject}"' if about else ""
    checked = " checked" if choice.is_on else ""
    hidden = f'<input type="hidden" name="offered" value="{subject}">'
    hidden += f'<input type="hidden" name="shown" value="{subject}">' if choice.is_on else ""
    note = f'<p id="about-{subject}">{"<br>".join(html.escape(line) for line in about)}</p>' if about else ""
    return (
        f'<div class="choice"><input type="checkbox" id="choice-{subject}" name="on" value="{subject}"{checked}'
        f'{described}><label for="choice-{subject}">{html.escape(choice.name)}</label>{note}{hidden}</div>'
    )


def invalid_link(request: Request) -> Response:
    """A page for people, a problem for programs."""
    if "text/html" in request.headers.get("accept", ""):
        said = spoken(request)
        return page(said, said.invalid, said.invalid_effect, status=400)
    detail = phrases("en").invalid_effect
    return problem(400, "invalid_link", detail, (), SAFE)
