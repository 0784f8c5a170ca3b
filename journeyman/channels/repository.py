"""Queries on templates and suppressions. The send ledger has its own file, as have blocks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase

from journeyman.channels.tables import ShortLink, Suppression, Template, TemplateBody, TemplateVersion
from journeyman.kit.bulk import insert_many
from journeyman.kit.database import Instant
from journeyman.kit.lists import is_among

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
_TEMPLATE = _TEMPLATES.where(Template.key == bindparam("template"))


_WHOLE = (
    select(Template.key, Template.whole, Template.updated_at, TemplateBody.body)
    .join(TemplateBody, TemplateBody.hash == Template.whole)
    .where(Template.key == bindparam("template"))
)


async def store_body(connection: AsyncConnection, content_hash: str, body: Mapping[str, Any]) -> None:
    """Keep `body` under its hash, unless it is there."""
    bodies = _insert(connection, TemplateBody).values(hash=content_hash, body=dict(body))
    await connection.execute(bodies.on_conflict_do_nothing())


async def store_template(
    connection: AsyncConnection, key: str, channel: str, content_hash: str, whole: str, now: datetime
) -> None:
    """Let `key` point to a content that is kept, and to the same with its blocks."""
    row = {"channel": channel, "hash": content_hash, "whole": whole, "updated_at": now}
    templates = _insert(connection, Template).values(key=key, **row)
    await connection.execute(templates.on_conflict_do_update(index_elements=["key"], set_=row))


async def point_to_whole(connection: AsyncConnection, key: str, whole: str) -> None:
    """Let a template be rendered with its blocks as they are now."""
    await connection.execute(update(Template).where(Template.key == key).values(whole=whole))


async def find_whole(connection: AsyncConnection, key: str) -> TemplateRow | None:
    """A template with the blocks that it renders, and the hash of both, for a message (V3)."""
    found = (await connection.execute(_WHOLE, {"template": key})).one_or_none()
    return None if found is None else TemplateRow(*found)


async def find_templates(connection: AsyncConnection, keys: Collection[str]) -> list[TemplateRow]:
    query = _TEMPLATES.where(Template.key.in_(keys)).order_by(Template.key)
    return [TemplateRow(*found) for found in await connection.execute(query)]


async def lock_template(connection: AsyncConnection, key: str) -> str | None:
    """The hash of what the template is now; nobody else changes it before this transaction ends."""
    query = select(Template.hash).where(Template.key == key).with_for_update()
    return (await connection.execute(query)).scalar_one_or_none()


async def find_template(connection: AsyncConnection, key: str) -> TemplateRow | None:
    found = (await connection.execute(_TEMPLATE, {"template": key})).one_or_none()
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


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a template was from an instant on; `number` counts from 1, `actor` is who wrote it."""

    number: int
    hash: str
    at: datetime
    actor: str | None


MOST_VERSIONS: Final = 200
_VERSIONS = (
    select(TemplateVersion.number, TemplateVersion.hash, TemplateVersion.at, TemplateVersion.actor)
    .where(TemplateVersion.key == bindparam("template"))
    .order_by(TemplateVersion.number.desc())
)


async def note_version(
    connection: AsyncConnection, key: str, content_hash: str, now: datetime, actor: str | None
) -> None:
    """Note what a template, which is locked, is from now on, unless it is that already."""
    newest = (await connection.execute(_VERSIONS.limit(1), {"template": key})).first()
    if newest is not None and newest.hash == content_hash:
        return
    number = 1 if newest is None else newest.number + 1
    row = {"key": key, "number": number, "hash": content_hash, "at": now, "actor": actor}
    await insert_many(connection, TemplateVersion, [row])


async def versions(connection: AsyncConnection, key: str) -> list[VersionRow]:
    """The newest first."""
    return [VersionRow(*row) for row in await connection.execute(_VERSIONS.limit(MOST_VERSIONS), {"template": key})]


async def find_version(connection: AsyncConnection, key: str, content_hash: str) -> TemplateRow | None:
    """What a template was under this hash, and since when it was at last."""
    query = (
        select(TemplateVersion.key, TemplateVersion.hash, TemplateVersion.at, TemplateBody.body)
        .join(TemplateBody, TemplateBody.hash == TemplateVersion.hash)
        .where(TemplateVersion.key == key, TemplateVersion.hash == content_hash)
        .order_by(TemplateVersion.number.desc())
        .limit(1)
    )
    found = (await connection.execute(query)).first()
    return None if found is None else TemplateRow(*found)


# Short links ----------------------------------------------------------------------------------------------------------


async def keep_short_links(connection: AsyncConnection, urls: Mapping[str, str], customer_id: str) -> None:
    """Keep addresses by their codes; those that are kept already stay as they are."""
    rows = [{"code": code, "url": url, "customer_id": customer_id} for code, url in urls.items()]
    await connection.execute(_insert(connection, ShortLink).on_conflict_do_nothing(), rows)


async def find_short_link(connection: AsyncConnection, code: str) -> str | None:
    return (await connection.execute(select(ShortLink.url).where(ShortLink.code == code))).scalar_one_or_none()


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    await connection.execute(update(ShortLink).where(ShortLink.customer_id == loser).values(customer_id=survivor))


# Suppressions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """A suppressed address; `address` is None where only its digest is kept."""

    channel: str
    address_digest: str
    reason: str
    at: datetime
    address: str | None
    actor: str | None


_SUPPRESSIONS = select(
    Suppression.channel,
    Suppression.address_digest,
    Suppression.reason,
    Suppression.at,
    Suppression.address,
    Suppression.actor,
)
_SUPPRESSED = _SUPPRESSIONS.where(
    Suppression.channel == bindparam("channel"), is_among(Suppression.address_digest, "digests")
)
_KNOWN_DIGESTS = select(Suppression.address_digest).where(
    Suppression.channel == bindparam("channel"), is_among(Suppression.address_digest, "digests")
)


async def add_suppressions(connection: AsyncConnection, rows: Sequence[SuppressionRow]) -> None:
    """Add what is new; a row that is there stays as it is."""
    await insert_many(connection, Suppression, [asdict(row) for row in rows], ignore_conflicts=True)


async def known_digests(connection: AsyncConnection, channel: str, digests: Collection[str]) -> set[str]:
    """Which of these digests are on the list."""
    found = await connection.execute(_KNOWN_DIGESTS, {"channel": channel, "digests": list(digests)})
    return set(found.scalars())


async def find_suppression(
    connection: AsyncConnection, channel: str, digests: Collection[str]
) -> SuppressionRow | None:
    """The row of an address by any of its digests."""
    row = (await connection.execute(_SUPPRESSED, {"channel": channel, "digests": list(digests)})).first()
    return SuppressionRow(*row) if row is not None else None


async def drop_suppression(connection: AsyncConnection, channel: str, digests: Collection[str]) -> bool:
    """False where none of the digests is on the list."""
    these = (Suppression.channel == channel, Suppression.address_digest.in_(digests))
    gone = await connection.execute(delete(Suppression).where(*these).returning(Suppression.channel))
    return gone.first() is not None


async def forget_address(connection: AsyncConnection, channel: str, digests: Collection[str]) -> None:
    """Keep the digest alone."""
    these = (Suppression.channel == channel, Suppression.address_digest.in_(digests))
    await connection.execute(update(Suppression).where(*these).values(address=None))


async def suppressions(
    connection: AsyncConnection, channel: str | None, after: tuple[datetime, str, str] | None, limit: int
) -> list[SuppressionRow]:
    """The list, newest first, from behind `after` (at, channel, digest)."""
    place = tuple_(Suppression.at, Suppression.channel, Suppression.address_digest)
    query = _SUPPRESSIONS.order_by(
        Suppression.at.desc(), Suppression.channel.desc(), Suppression.address_digest.desc()
    ).limit(limit)
    if channel is not None:
        query = query.where(Suppression.channel == channel)
    if after is not None:
        at, *rest = after
        query = query.where(place < tuple_(literal(at, Instant), *(literal(one) for one in rest)))
    return [SuppressionRow(*row) for row in await connection.execute(query)]


# Both databases know `ON CONFLICT`, each by its own statement.


def _insert(connection: AsyncConnection, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
