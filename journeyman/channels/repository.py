"""Queries on templates and suppressions. The send ledger has its own file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase

from journeyman.channels.tables import Suppression, Template, TemplateBody

# Templates ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template's key and what it has now."""

    key: str
    hash: str
    updated_at: datetime
    body: dict[str, Any]


_TEMPLATES = select(Template.key, Template.hash, Template.updated_at, TemplateBody.body).join(
    TemplateBody, TemplateBody.hash == Template.hash
)


async def store_template(
    connection: AsyncConnection, key: str, channel: str, content_hash: str, body: Mapping[str, Any], now: datetime
) -> None:
    """Keep `body` under its hash, unless it is there, and let `key` point to it."""
    bodies = _insert(connection, TemplateBody).values(hash=content_hash, body=dict(body))
    await connection.execute(bodies.on_conflict_do_nothing())
    row = {"channel": channel, "hash": content_hash, "updated_at": now}
    templates = _insert(connection, Template).values(key=key, **row)
    await connection.execute(templates.on_conflict_do_update(index_elements=["key"], set_=row))


async def find_template(connection: AsyncConnection, key: str) -> TemplateRow | None:
    found = (await connection.execute(_TEMPLATES.where(Template.key == key))).one_or_none()
    return None if found is None else TemplateRow(*found)


async def list_templates(connection: AsyncConnection, after: str | None, limit: int) -> list[TemplateRow]:
    """Templates in the order of their keys, from the one behind `after`."""
    query = _TEMPLATES.order_by(Template.key).limit(limit)
    if after is not None:
        query = query.where(Template.key > after)
    return [TemplateRow(*found) for found in await connection.execute(query)]


async def find_body(connection: AsyncConnection, content_hash: str) -> dict[str, Any] | None:
    query = select(TemplateBody.body).where(TemplateBody.hash == content_hash)
    return (await connection.execute(query)).scalar_one_or_none()


# Suppressions ---------------------------------------------------------------------------------------------------------


async def add_suppression(connection: AsyncConnection, channel: str, digest: str, reason: str, at: datetime) -> None:
    row = {"channel": channel, "address_digest": digest, "reason": reason, "at": at}
    await connection.execute(_insert(connection, Suppression).values(**row).on_conflict_do_nothing())


async def find_suppression(connection: AsyncConnection, channel: str, digest: str) -> str | None:
    """The reason, where the address is suppressed."""
    query = select(Suppression.reason).where(Suppression.channel == channel, Suppression.address_digest == digest)
    return (await connection.execute(query)).scalar_one_or_none()


# Both databases know `ON CONFLICT`, each by its own statement.


def _insert(connection: AsyncConnection, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
