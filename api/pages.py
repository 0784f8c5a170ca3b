"""The few pages that customers see: plain HTML that every browser shows and every screen reader reads."""

import html

from fastapi import Request, Response

from api.errors import problem

SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""Headers of every answer to a link in a message."""
STYLE = """\
:root{color-scheme:light dark}
body{font:18px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}
main{max-width:32rem;padding:2rem}
h1{font-size:1.5rem;line-height:1.25}
button{font:inherit;padding:.75rem 1.5rem;border:0;border-radius:.5rem;background:#1d4ed8;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid;outline-offset:3px}"""
UNSUBSCRIBE = "Unsubscribe from e-mail"
"""What stands on the button, and so what the customer has said when she presses it."""


def page(title: str, *paragraphs: str, form: str = "", status: int = 200) -> Response:
    """A page of a heading and paragraphs, which are escaped; `form` is HTML."""
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    heading = html.escape(title)
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{heading}</h1>{body}{form}</main></body></html>"
    )
    return Response(text, status, SAFE, "text/html")


def unsubscribe_question() -> Response:
    """Asks before anything happens, for programs follow links as well."""
    form = f'<form method="post"><button type="submit">{UNSUBSCRIBE}</button></form>'
    return page("Do you want to unsubscribe?", "You will get no more marketing e-mail from us.", form=form)


def unsubscribed(*, known: bool) -> Response:
    if known:
        return page("You are unsubscribed", "We have noted it. You will get no more marketing e-mail from us.")
    return page("There is nothing left to end", "The message that this link was in is not known here any more.")


def invalid_link(request: Request) -> Response:
    """A page for people, a problem for programs."""
    detail = "This link is not valid. Follow it exactly as it was sent."
    if "text/html" in request.headers.get("accept", ""):
        return page("This link does not work", detail, status=400)
    return problem(400, "invalid_link", detail, (), SAFE)
