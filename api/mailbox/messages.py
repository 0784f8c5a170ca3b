"""The mails as JSON, for tests and programs."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from api.mailbox.access import StoreNow, find_mail
from api.mailbox.store import Search

router = APIRouter()


class Item(BaseModel):
    """A mail in a list."""

    id: int
    received_at: datetime
    sender: str
    recipients: list[str]
    subject: str
    preview: str
    size: int


class Items(BaseModel):
    """Mails, the newest first; `next` is the `cursor` of the mails behind them."""

    items: list[Item]
    next: str | None


class Header(BaseModel):
    name: str
    value: str


class Mail(Item):
    """A whole mail; the source stands under `/api/messages/{id}/source`."""

    headers: list[Header]
    html: str | None
    text: str | None
    links: list[str]
    attachments: list[str]


class Count(BaseModel):
    """How many mails there are, and the id of the last that came."""

    count: int
    newest: int


class Alive(BaseModel):
    status: Literal["alive"]


def _searched(to: str = "", subject: str = "", q: str = "", cursor: int | None = None) -> Search:
    return Search(words=q, to=to, subject=subject, before=cursor)


Searched = Annotated[Search, Depends(_searched)]


@router.get("/api/messages")
async def list_mails(store: StoreNow, search: Searched, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Items:
    found = await store.find(search, limit + 1)
    items = [Item.model_validate(asdict(summary)) for summary in found[:limit]]
    return Items(items=items, next=str(items[-1].id) if len(found) > limit else None)


@router.get("/api/messages/count")
async def count_mails(store: StoreNow, search: Searched) -> Count:
    return Count(count=await store.count(search), newest=await store.newest())


@router.get("/api/messages/{mail_id}")
async def read_mail(mail_id: int, store: StoreNow) -> Mail:
    summary, mail = await find_mail(mail_id, store)
    headers = [Header(name=name, value=value) for name, value in mail.headers()]
    return Mail(
        **Item.model_validate(asdict(summary)).model_dump(),
        headers=headers,
        html=mail.html,
        text=mail.text,
        links=mail.links(),
        attachments=mail.attachments(),
    )


@router.get("/api/messages/{mail_id}/source", response_class=PlainTextResponse)
async def read_source(mail_id: int, store: StoreNow) -> Response:
    """The mail as it came over the wire."""
    _, mail = await find_mail(mail_id, store)
    return PlainTextResponse(mail.source)


@router.delete("/api/messages", status_code=204)
async def delete_mails(store: StoreNow) -> None:
    await store.clear()


@router.get("/livez")
async def is_alive() -> Alive:
    return Alive(status="alive")
