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
:root{color-scheme:light dark}
body{font:18px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}
main{max-width:34rem;padding:2rem 1.25rem;box-sizing:border-box}
h1{font-size:1.5rem;line-height:1.25}
fieldset{border:1px solid GrayText;border-radius:.5rem;margin:1.5rem 0;padding:.5rem 1.25rem 1rem}
legend{font-weight:600;padding:0 .5rem}
.choice{display:grid;grid-template-columns:auto 1fr;gap:0 .75rem;padding:.5rem 0}
.choice input{width:1.35rem;height:1.35rem;margin:.15rem 0 0;accent-color:#1d4ed8}
.choice p{grid-column:2;margin:0;font-size:1rem}
[role=status]{border-left:.3rem solid #15803d;margin:1.5rem 0;padding:.5rem 1rem}
button{font:inherit;padding:.75rem 1.5rem;border:2px solid #1d4ed8;border-radius:.5rem;background:#1d4ed8;color:#fff;\
cursor:pointer}
button.second{background:transparent;border-color:currentColor;color:inherit}
form.second{margin-top:2.5rem}
:focus-visible{outline:3px solid;outline-offset:3px}"""
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


def unsubscribe_question(said: Phrases, preferences_url: str) -> Response:
    """Asks before anything happens, for programs follow links as well."""
    button = f'<form method="post"><button type="submit">{html.escape(said.unsubscribe_button)}</button></form>'
    other = f'<p><a href="{html.escape(preferences_url)}">{html.escape(said.or_choose)}</a></p>'
    return page(said, said.unsubscribe_question, said.unsubscribe_effect, body=button + other)


def unsubscribed(said: Phrases, *, known: bool) -> Response:
    if known:
        return page(said, said.unsubscribed, said.unsubscribed_effect)
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
        f'<button type="submit" class="second" name="do" value="leave">{html.escape(said.leave_all)}</button>'
        f"<p>{html.escape(said.leave_all_effect)}</p>"
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
