"""Every query of the contact policy."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.contact.tables import ContactPolicy
from journeyman.journeys.tables import Run
from journeyman.kit.lists import is_among

ONLY = 1
# Made once: making a statement costs as much as running it.
_DOCUMENT = select(ContactPolicy.document, ContactPolicy.updated_at).where(ContactPolicy.id == ONLY)
_LIVE = select(Run.id).where(is_among(Run.id, "run_ids"), Run.state == bindparam("state"))


async def document(connection: AsyncConnection) -> tuple[dict[str, Any], datetime] | None:
    """The policy's document and when it was written, None where nobody has written one."""
    row = (await connection.execute(_DOCUMENT)).one_or_none()
    return (row.document, row.updated_at) if row is not None else None


async def save(connection: AsyncConnection, found: dict[str, Any], at: datetime) -> None:
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = insert(ContactPolicy).values(id=ONLY, document=found, updated_at=at)
    changed = {"document": statement.excluded.document, "updated_at": at}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def live_among(connection: AsyncConnection, run_ids: Collection[str]) -> set[str]:
    """Which of these runs are not over."""
    return set((await connection.execute(_LIVE, {"run_ids": list(run_ids), "state": "live"})).scalars())
