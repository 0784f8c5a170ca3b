"""The mailbox: SMTP in, HTTP out, one file between them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from api.mailbox import messages, views
from api.mailbox.smtp import listen
from api.mailbox.store import Store

HOST = "127.0.0.1"


def create_app(file: Path, smtp_port: int, host: str = HOST) -> FastAPI:
    """The mailbox kept in `file`; while it runs it takes mail at `smtp_port`."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        store = app.state.store = Store(file)
        await store.open()
        smtp = await listen(store, host, smtp_port)
        yield
        smtp.close()
        await store.close()

    app = FastAPI(title="Journeyman's local mailbox", lifespan=running, docs_url=None, redoc_url=None)
    app.include_router(messages.router)
    app.include_router(views.router)
    return app
