"""Every query of slots."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.visiting.tables import Slot
from journeyman.kit.lists import is_among

Kept = tuple[str, dict[str, Any], datetime]
"""A key, the document under it, and when it was written."""
_COLUMNS = (Slot.key, Slot.document, Slot.updated_at)


async def save(connection: AsyncConnection, key: str, document: dict[str, Any], at: datetime) -> None:
    """Keep a slot's document from now on."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = insert(Slot).values(key=key, document=document, updated_at=at)
    changed = {"document": statement.excluded.document, "updated_at": at}
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))


async def find(connection: AsyncConnection, keys: Collection[str]) -> dict[str, Kept]:
    """The slots with these keys, by key."""
    rows = await connection.execute(select(*_COLUMNS).where(is_among(Slot.key, "keys")), {"keys": list(keys)})
    return {row.key: (row.key, row.document, row.updated_at) for row in rows}


async def after(connection: AsyncConnection, key: str | None, limit: int) -> list[Kept]:
    """Slots by key, from the one behind `key`."""
    query = select(*_COLUMNS).order_by(Slot.key).limit(limit)
    if key is not None:
        query = query.where(Slot.key > key)
    return [(row.key, row.document, row.updated_at) for row in await connection.execute(query)]


async def drop(connection: AsyncConnection, key: str) -> bool:
    """Forget a slot; returns whether there was one."""
    return (await connection.execute(delete(Slot).where(Slot.key == key))).rowcount > 0
