"""Every query of hooks."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.hooks.tables import Hook


async def find(connection: AsyncConnection, key: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await connection.scalar(select(Hook.document).where(Hook.key == key))
    return found


async def page(connection: AsyncConnection, after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
    """Keys and documents, by key."""
    query = select(Hook.key, Hook.document).where(Hook.key > after).order_by(Hook.key).limit(limit)
    return [(key, document) for key, document in await connection.execute(query)]


async def save(connection: AsyncConnection, key: str, document: dict[str, Any], now: datetime) -> None:
    await drop(connection, key)
    await connection.execute(insert(Hook).values(key=key, document=document, updated_at=now))


async def drop(connection: AsyncConnection, key: str) -> bool:
    """False where there is none."""
    found = await connection.execute(delete(Hook).where(Hook.key == key).returning(Hook.key))
    return found.scalar_one_or_none() is not None
