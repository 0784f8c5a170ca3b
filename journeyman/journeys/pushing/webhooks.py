"""Where segments are pushed to, as people set it, and pushes as they ask for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.webhooks.network import problem_of
from journeyman.channels.webhooks.signatures import secret_of
from journeyman.customers.segments import repository as segments
from journeyman.customers.segments.repository import GONE
from journeyman.journeys import repository as outbox
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.pushing import repository
from journeyman.journeys.pushing.repository import Push, Webhook
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.kit.wake import Wake

TAKEN_AWAY: Final = "its webhook was taken away"


class SegmentWebhooks:
    """The use cases; `key` is the workspace's secret, of which the secrets of the webhooks are made."""

    def __init__(
        self, database: Database, wake: Wake, clock: Clock, key: bytes | None, *, allows_private: bool
    ) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock
        self.key = key
        self.allows_private = allows_private

    def secret(self, segment: str) -> str:
        """With what the segment's webhooks are signed. Raises `ConflictError` where the workspace has no secret."""
        if self.key is None:
            raise ConflictError("webhooks cannot be signed: set JOURNEYMAN_SECRET_KEY to 32 random characters or more")
        return secret_of(self.key, segment)

    async def put(self, segment: str, url: str, attributes: Sequence[str] | None) -> Webhook:
        """Set where a segment is pushed to. Raises `NotFoundError`, `InvalidError` and `ConflictError`."""
        self.secret(segment)
        if problem := problem_of(url, allows_private=self.allows_private):
            raise InvalidError(
                f"the URL cannot be used: {problem}", [Fault("/url", problem, "Give a public https URL")]
            )
        now = self.clock.now()
        values = {"url": url, "attributes": None if attributes is None else list(attributes), "updated_at": now}
        async with self.database.transaction() as connection:
            await _must_be_there(connection, segment, is_locked=True)
            if await repository.webhook(connection, segment):
                await repository.change_webhook(connection, segment, values)
            else:
                await repository.insert_webhook(connection, segment, {**values, "created_at": now})
            return await _webhook(connection, segment)

    async def get(self, segment: str) -> Webhook:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            await _must_be_there(connection, segment)
            return await _webhook(connection, segment)

    async def delete(self, segment: str) -> None:
        """Push the segment nowhere any more; a push that is under way ends. Raises `NotFoundError`."""
        async with self.database.transaction() as connection:
            await _webhook(connection, segment, is_locked=True)
            await repository.drop_webhook(connection, segment)
            found = await repository.under_way(connection, segment)
            if found is not None:
                await repository.change_push(connection, found, stopped(TAKEN_AWAY, self.clock.now()))

    async def push(self, segment: str, requested_by: str) -> Push:
        """Have the members pushed as they are now.

        Raises `NotFoundError`, and `ConflictError` while a push of this segment is under way.
        """
        self.secret(segment)
        now = self.clock.now()
        made = Push(new_id("psh"), segment, "under_way", None, 0, 0, now, requested_by)
        async with self.database.transaction() as connection:
            await _must_be_there(connection, segment)
            await _webhook(connection, segment, is_locked=True)
            if other := await repository.under_way(connection, segment):
                raise ConflictError(f"the push {other.id} of this segment is under way")
            await repository.insert_push(connection, made)
            workflow_id = f"segment-push/{made.id}"
            command = EngineCommand("push", made.id, workflow_id, {"push": made.id, "segment": segment})
            await outbox.tell(connection, [command], now)
        self.wake.notify()
        return made

    async def find(self, segment: str, push_id: str) -> Push:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            found = await repository.push(connection, push_id)
        if found is None or found.segment != segment:
            raise NotFoundError(f"there is no push `{push_id}` of the segment `{segment}`")
        return found

    async def page(self, segment: str, cursor: str | None, limit: int) -> Page[Push]:
        """The newest first. Raises `NotFoundError`, and `InvalidError` for a cursor that is none."""
        place = read_cursor(cursor, datetime, str)
        async with self.database.reading() as connection:
            await _must_be_there(connection, segment)
            found = await repository.pushes(connection, segment, (place[0], place[1]) if place else None, limit + 1)
        return page_of(found, limit, lambda one: (one.requested_at, one.id))


def stopped(why: str, at: datetime) -> dict[str, object]:
    """A push that comes no further."""
    return {"state": "stopped", "after": None, "ended_at": at, "failure": why, "failed_at": at}


async def _must_be_there(connection: AsyncConnection, segment: str, *, is_locked: bool = False) -> None:
    found = await (segments.lock if is_locked else segments.find)(connection, [segment])
    if not found or found[0].generation == GONE:
        raise NotFoundError(f"there is no segment `{segment}`")


async def _webhook(connection: AsyncConnection, segment: str, *, is_locked: bool = False) -> Webhook:
    found = await repository.webhook(connection, segment, is_locked=is_locked)
    if found is None:
        raise NotFoundError(f"the segment `{segment}` has no webhook")
    return found
