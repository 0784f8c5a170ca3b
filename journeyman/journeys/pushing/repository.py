"""Every query of where segments are pushed to, and of how far each push is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.tables import SegmentPush, SegmentWebhook

State = Literal["under_way", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a segment is pushed to; without `attributes` all that is known of a member goes along."""

    segment: str
    url: str
    attributes: list[str] | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Push:
    """A segment's members on their way; `after` is the last who was taken, `pushed` how many were, in `batches`.

    `failure` is why the last attempt failed, or why the push was stopped.
    """

    id: str
    segment: str
    state: State
    after: str | None
    batches: int
    pushed: int
    requested_at: datetime
    requested_by: str
    ended_at: datetime | None = None
    failure: str | None = None
    failed_at: datetime | None = None


async def webhook(connection: AsyncConnection, segment: str, *, is_locked: bool = False) -> Webhook | None:
    """The webhook of a segment; locked, nobody else begins a push or changes it until the transaction ends."""
    query = select(*SegmentWebhook.__table__.columns).where(SegmentWebhook.segment_key == segment)
    row = (await connection.execute(query.with_for_update() if is_locked else query)).one_or_none()
    return Webhook(*row) if row else None


async def insert_webhook(connection: AsyncConnection, segment: str, values: dict[str, Any]) -> None:
    await connection.execute(insert(SegmentWebhook).values(segment_key=segment, **values))


async def change_webhook(connection: AsyncConnection, segment: str, values: dict[str, Any]) -> None:
    await connection.execute(update(SegmentWebhook).where(SegmentWebhook.segment_key == segment).values(**values))


async def drop_webhook(connection: AsyncConnection, segment: str) -> None:
    await connection.execute(delete(SegmentWebhook).where(SegmentWebhook.segment_key == segment))


async def insert_push(connection: AsyncConnection, push: Push) -> None:
    values = {name: getattr(push, name) for name in Push.__slots__ if name != "segment"}
    await connection.execute(insert(SegmentPush).values(segment_key=push.segment, **values))


async def push(connection: AsyncConnection, push_id: str) -> Push | None:
    query = select(*SegmentPush.__table__.columns).where(SegmentPush.id == push_id)
    row = (await connection.execute(query)).one_or_none()
    return Push(*row) if row else None


async def under_way(connection: AsyncConnection, segment: str) -> Push | None:
    """The push of a segment that has not ended."""
    columns = SegmentPush.__table__.columns
    query = select(*columns).where(SegmentPush.segment_key == segment, SegmentPush.state == "under_way")
    row = (await connection.execute(query)).first()
    return Push(*row) if row else None


async def pushes(
    connection: AsyncConnection, segment: str, before: tuple[datetime, str] | None, limit: int
) -> list[Push]:
    """A segment's pushes, the newest first, from the one before (requested at, id)."""
    query = select(*SegmentPush.__table__.columns).where(SegmentPush.segment_key == segment)
    if before is not None:
        query = query.where(tuple_(SegmentPush.requested_at, SegmentPush.id) < before)
    query = query.order_by(SegmentPush.requested_at.desc(), SegmentPush.id.desc()).limit(limit)
    return [Push(*row) for row in await connection.execute(query)]


async def change_push(connection: AsyncConnection, push: Push, values: dict[str, Any]) -> bool:
    """Change a push that stands as it did when it was read; False where somebody else has taken it further."""
    same = (SegmentPush.id == push.id, SegmentPush.state == "under_way", SegmentPush.batches == push.batches)
    changed = await connection.execute(update(SegmentPush).where(*same).values(**values))
    return changed.rowcount == 1
