"""Hooks: written, tried out, and taking webhooks of any system into the one inbox."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from journeyman.customers.hooks import repository
from journeyman.customers.hooks.document import HookSettings
from journeyman.customers.hooks.reading import read
from journeyman.customers.hooks.verification import verify
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.errors import RefusedError
from journeyman.customers.inbox.json_text import parse
from journeyman.customers.inbox.reading import read_event
from journeyman.customers.sources.deliveries import Delivery
from journeyman.customers.sources.errors import SourceNotConfiguredError
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A hook by its key."""

    key: str
    settings: HookSettings


@dataclass(frozen=True, slots=True)
class Tried:
    """What a webhook would become: calls of the Segment spec, or why there would be none."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None


class Hooks:
    """The use cases; `secrets` is the environment, of which hooks name variables."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock, secrets: Mapping[str, str]) -> None:
        self._database = database
        self._inbox = inbox
        self._clock = clock
        self._secrets = secrets

    async def save(self, key: str, settings: HookSettings) -> Kept:
        async with self._database.transaction() as connection:
            document = settings.model_dump(mode="json", exclude_unset=True)
            await repository.save(connection, key, document, self._clock.now())
        return Kept(key, settings)

    async def get(self, key: str) -> Kept:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            document = await repository.find(connection, key)
        if document is None:
            raise NotFoundError(f"there is no hook `{key}`")
        return Kept(key, HookSettings.model_validate(document))

    async def page(self, cursor: str | None, limit: int) -> Page[Kept]:
        """Hooks by key."""
        (after,) = read_cursor(cursor, str) or ("",)
        async with self._database.reading() as connection:
            found = await repository.page(connection, after, limit + 1)
        kept = [Kept(key, HookSettings.model_validate(document)) for key, document in found]
        return page_of(kept, limit, lambda hook: (hook.key,))

    async def delete(self, key: str) -> None:
        """Raises `NotFoundError`."""
        async with self._database.transaction() as connection:
            if not await repository.drop(connection, key):
                raise NotFoundError(f"there is no hook `{key}`")

    async def attempt(self, key: str, delivery: Delivery) -> Tried:
        """What a sample would become; nothing is verified or stored. Raises `NotFoundError` and `RefusedError`."""
        return self._read(await self.get(key), delivery)

    async def receive(self, key: str, delivery: Delivery) -> int:
        """Store what a webhook tells, once; returns how many events are new.

        What the hook cannot read is passed over with a warning: sent again it would be no better, and its sender would
        stop sending at all. Raises `NotFoundError`, `SourceNotConfiguredError`, `SignatureError`, `RefusedError` for a
        body that is no JSON, and `OverloadedError`.
        """
        hook = await self.get(key)
        rule, now = hook.settings.verify, self._clock.now()
        secret = self._secrets.get(rule.secret)
        if not secret:
            raise SourceNotConfiguredError(key, rule.secret)
        verify(rule, secret, delivery, now)
        tried = self._read(hook, delivery)
        if tried.problem is not None:
            log.warning("the hook %s passed a webhook over: %s", key, tried.problem)
        events = [read_event(call, received_at=now) for call in tried.calls]
        return len(await self._inbox.accept(events, now))

    def _read(self, hook: Kept, delivery: Delivery) -> Tried:
        delivered = {"body": parse(delivery.body).document, "headers": dict(delivery.headers)}
        try:
            calls = read(hook.settings.map, hook.key, delivered, delivery.digest)
            for call in calls:
                read_event(call, received_at=self._clock.now())
        except RefusedError as error:
            return Tried(problem=error.faults[0].detail if error.faults else error.detail)
        return Tried(calls)
