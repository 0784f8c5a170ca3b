"""What the routes of the mailbox share: its store, and a mail in it."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from api.mailbox.reading import ReadMail
from api.mailbox.store import Store, Summary


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


StoreNow = Annotated[Store, Depends(_store)]


async def find_mail(mail_id: int, store: Store) -> tuple[Summary, ReadMail]:
    """The mail. Answers 404 where there is none."""
    found = await store.get(mail_id)
    if found is None:
        raise HTTPException(404, f"there is no mail {mail_id}")
    return found[0], ReadMail(found[1])
