"""The mails as pages, for people."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.mailbox import pages
from api.mailbox.access import StoreNow, find_mail
from api.mailbox.reading import ReadMail
from api.mailbox.store import Search

PAGE_SIZE = 50

PAGE_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
MAIL_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A mail runs nothing, loads nothing and sends nothing; its links open in a new tab."""

_ASSETS = {
    "mailbox.css": "text/css; charset=utf-8",
    "mailbox.js": "text/javascript; charset=utf-8",
    "mailbox.svg": "image/svg+xml",
}

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def show_list(store: StoreNow, q: str = "", page: Annotated[int, Query(ge=1)] = 1) -> Response:
    search = Search(words=q)
    listing = pages.Listing(
        mails=await store.find(search, PAGE_SIZE, (page - 1) * PAGE_SIZE),
        count=await store.count(search),
        newest=await store.newest(),
        query=q,
        page=page,
        page_size=PAGE_SIZE,
    )
    return _page(pages.list_page(listing))


@router.get("/messages/{mail_id}", response_class=HTMLResponse)
async def show_mail(mail_id: int, store: StoreNow, view: pages.View = "mail", width: pages.Width = "wide") -> Response:
    found = await store.get(mail_id)
    if found is None:
        return _page(pages.missing_page(), 404)
    newer, older = await store.neighbours(mail_id)
    return _page(pages.mail_page(pages.Reading(found[0], ReadMail(found[1]), view, width, newer, older)))


@router.get("/messages/{mail_id}/html", response_class=HTMLResponse)
async def show_html(mail_id: int, store: StoreNow) -> Response:
    """What the frame of a mail's page shows."""
    _, mail = await find_mail(mail_id, store)
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(pages.framed(mail.html or ""), headers=headers)


@router.post("/clear")
async def clear(request: Request, store: StoreNow) -> Response:
    """Delete everything; only a form of this very page may ask for it."""
    if urlsplit(request.headers.get("origin", "")).netloc != request.headers.get("host"):
        raise HTTPException(403, "only the mailbox's own page can do this")
    await store.clear()
    return RedirectResponse("/", 303)


@router.get("/assets/{name}")
async def read_asset(name: str) -> Response:
    if name not in _ASSETS:
        raise HTTPException(404, "there is no such file")
    content = Path(__file__).with_name(name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": "no-cache"})


def _page(content: str, status: int = 200) -> Response:
    headers = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    return HTMLResponse(content, status, headers=headers)
