"""Queries on API keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.kit.tables import ApiKey

KeyRow = Row[str, str, str, datetime, datetime | None]
COLUMNS = (ApiKey.id, ApiKey.role, ApiKey.label, ApiKey.created_at, ApiKey.revoked_at)


async def add(
    connection: AsyncConnection, *, digest: str, identifier: str, role: str, label: str, created_at: datetime
) -> None:
    values = {"digest": digest, "id": identifier, "role": role, "label": label, "created_at": created_at}
    await connection.execute(insert(ApiKey).values(values))


async def find(connection: AsyncConnection, digest: str) -> KeyRow | None:
    found = await connection.execute(select(*COLUMNS).where(ApiKey.digest == digest))
    return found.one_or_none()


async def set_role(connection: AsyncConnection, digest: str, role: str) -> None:
    await connection.execute(update(ApiKey).where(ApiKey.digest == digest).values(role=role))


async def revoke(connection: AsyncConnection, identifier: str, at: datetime) -> bool:
    """Whether a key that was valid has been revoked."""
    valid = (ApiKey.id == identifier, ApiKey.revoked_at.is_(None))
    changed = await connection.execute(update(ApiKey).where(*valid).values(revoked_at=at))
    return changed.rowcount == 1


async def every(connection: AsyncConnection) -> Sequence[KeyRow]:
    found = await connection.execute(select(*COLUMNS).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()))
    return found.all()
