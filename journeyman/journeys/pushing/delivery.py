"""Pushing a segment's members batch by batch: each is remembered once it was taken, and an attempt goes on there."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from journeyman.channels.webhooks.errors import WebhookRefusedError
from journeyman.channels.webhooks.signatures import secret_of
from journeyman.customers.segments import repository as segments
from journeyman.customers.segments.repository import GONE, Member
from journeyman.journeys.pushing import repository
from journeyman.journeys.pushing.repository import Push, Webhook
from journeyman.journeys.pushing.webhooks import TAKEN_AWAY, stopped
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database, to_json

AT_ONCE: Final = 500
"""Members in one call, at most."""
LARGEST: Final = 1024 * 1024
"""Bytes of one call, unless a single member takes more: what web servers commonly take."""
NO_SEGMENT: Final = "the segment was taken apart"


Post = Callable[[str, str, str, bytes], Awaitable[None]]
"""Hands a body over to a URL, signed with a secret, under a message id. Raises `WebhookRefusedError`."""


class PushFailedError(Exception):
    """A batch was not taken; the same call is to be made again, after `delay` where the other side has named one."""

    def __init__(self, detail: str, delay: timedelta | None) -> None:
        super().__init__(detail)
        self.delay = delay


class PushDelivery:
    """Carries pushes out; `key` is the workspace's secret."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        post: Post,
        key: bytes,
        *,
        at_once: int = AT_ONCE,
        largest: int = LARGEST,
    ) -> None:
        self.database = database
        self.clock = clock
        self.post = post
        self.key = key
        self.at_once = at_once
        self.largest = largest

    async def __call__(self, push_id: str, beat: Callable[[], object]) -> Push:
        """Push what is left; `beat` is called before every batch. Raises `PushFailedError`."""
        while True:
            beat()
            push, webhook, members = await self._next(push_id)
            if push.state != "under_way":
                return push
            if webhook is None:
                await self._change(push, stopped(TAKEN_AWAY, self.clock.now()))
            elif members is None:
                await self._change(push, stopped(NO_SEGMENT, self.clock.now()))
            else:
                await self._deliver(push, webhook, members)

    async def _next(self, push_id: str) -> tuple[Push, Webhook | None, list[Member] | None]:
        """The push as it stands, and the next members, one more than go into a call; None where there is no segment."""
        async with self.database.reading() as connection:
            push = await repository.push(connection, push_id)
            if push is None:
                raise LookupError(f"there is no push {push_id}")
            webhook = await repository.webhook(connection, push.segment)
            kept = await segments.find(connection, [push.segment])
            if not kept or kept[0].generation == GONE:
                return push, webhook, None
            members = await segments.members_in_full(connection, push.segment, push.after, self.at_once + 1)
        return push, webhook, members

    async def _deliver(self, push: Push, webhook: Webhook, members: list[Member]) -> None:
        body, count = self._body(push, webhook, members)
        batch, is_last = members[:count], count == len(members)
        try:
            await self.post(webhook.url, secret_of(self.key, push.segment), message_id(push, body), body)
        except WebhookRefusedError as refusal:
            await self._fail(push, refusal)
            return
        taken: dict[str, Any] = {"batches": push.batches + 1, "pushed": push.pushed + len(batch), "failure": None}
        end = {"state": "done", "after": None, "ended_at": self.clock.now()}
        await self._change(push, taken | (end if is_last else {"after": batch[-1].customer}))

    def _body(self, push: Push, webhook: Webhook, members: Sequence[Member]) -> tuple[bytes, int]:
        """As many of the members as go into one call, and how many they are."""
        count = min(len(members), self.at_once)
        while True:
            told = document(push, webhook, members[:count], is_last=count == len(members))
            body = to_json(told).encode()
            if len(body) <= self.largest or count <= 1:
                return body, count
            count //= 2

    async def _fail(self, push: Push, refusal: WebhookRefusedError) -> None:
        now = self.clock.now()
        if refusal.is_gone:
            await self._change(push, stopped(refusal.detail, now))
            return
        await self._change(push, {"failure": refusal.detail, "failed_at": now})
        raise PushFailedError(refusal.detail, refusal.retry_after)

    async def _change(self, push: Push, values: dict[str, Any]) -> None:
        """Where another attempt has come further in the meantime, this one goes on from there."""
        async with self.database.transaction() as connection:
            await repository.change_push(connection, push, values)


def document(push: Push, webhook: Webhook, members: Sequence[Member], *, is_last: bool) -> dict[str, Any]:
    """The body of one call. Tried again with the same members it is the same to the byte."""
    data = {
        "segment": push.segment,
        "push": push.id,
        "batch": push.batches + 1,
        "last": is_last,
        "members": [_shown(member, webhook.attributes) for member in members],
    }
    return {"type": "segment.members", "timestamp": push.requested_at, "data": data}


def message_id(push: Push, body: bytes) -> str:
    """Whoever takes webhooks passes over an id that he knows: so it stands for what the call holds."""
    return f"msg_{hashlib.sha256(push.id.encode() + body).hexdigest()[:32]}"


def _shown(member: Member, wanted: Sequence[str] | None) -> dict[str, Any]:
    known = member.attributes
    attributes = known if wanted is None else {name: known[name] for name in wanted if name in known}
    return {"customer": member.customer, "since": member.since, "attributes": attributes}
