"""The schema of customers' attributes: inferred from what comes in, corrected by people."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.profile import repository
from journeyman.customers.profile.definition import (
    LONGEST_NAME,
    AttributeDefinition,
    AttributeEdit,
    AttributeType,
    edited,
    fits,
    inferred,
    type_of,
)
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

MOST: Final = 1000
"""So many attributes are known; of what comes with more names nothing is noted."""
FRESH: Final = timedelta(seconds=30)
"""How long it may take until an edit is heeded by those who take events in."""

Seen = Counter[tuple[str, AttributeType]]


class Observer:
    """Notes what attributes there are while events are taken in. In the usual case it neither reads nor writes."""

    def __init__(self) -> None:
        self._types: dict[str, tuple[AttributeType, bool]] = {}
        self._read_at: datetime | None = None

    async def observe(self, connection: AsyncConnection, seen: Iterable[tuple[str, Any]], now: datetime) -> None:
        """Take note of attributes' new values, each with its name, in the transaction that brings them.

        Better called last in it: counting locks the attribute's row until the transaction ends.
        """
        counted: Seen = Counter(
            (name, kind) for name, value in seen if _is_name(name) and (kind := type_of(value)) is not None
        )
        if not counted:
            return
        if self._read_at is None or now - self._read_at >= FRESH or self._has_news(counted):
            self._types = await repository.types(connection)
            self._read_at = now
        await self._add(connection, counted, now)
        await self._count(connection, counted, now)

    def _has_news(self, counted: Seen) -> bool:
        return len(self._types) < MOST and any(name not in self._types for name, _ in counted)

    async def _add(self, connection: AsyncConnection, counted: Seen, now: datetime) -> None:
        """Infer what is not known. Should the transaction fail, the next reading tells that nothing was kept."""
        new: dict[str, AttributeDefinition] = {}
        for name, kind in counted:
            if name not in self._types and name not in new:
                new[name] = inferred(name, kind, now)
        room = max(MOST - len(self._types), 0)
        kept = [new[name] for name in sorted(new)[:room]]
        if kept:
            await repository.add(connection, kept)
            self._types |= {one.name: (one.type, True) for one in kept}
            self._read_at = None

    async def _count(self, connection: AsyncConnection, counted: Seen, now: datetime) -> None:
        wider = set()
        for name, kind in sorted(counted):
            wanted, is_inferred = self._types.get(name, (kind, True))
            if fits(kind, wanted):
                continue
            if is_inferred and (kind, wanted) == ("text", "instant"):
                wider.add(name)
            else:
                await repository.count_mismatch(connection, name, counted[name, kind], kind, now)
        if wider:
            await repository.widen(connection, wider, now)
            self._read_at = None


async def page(
    database: Database, cursor: str | None, limit: int, *, mismatched: bool = False
) -> Page[AttributeDefinition]:
    """The workspace's attributes by name; those of which some value did not fit, if they are asked for."""
    (after,) = read_cursor(cursor, str) or ("",)
    async with database.reading() as connection:
        found = await repository.definitions(connection, after, limit + 1, mismatched=mismatched)
    return page_of(found, limit, lambda one: (one.name,))


async def get(database: Database, name: str) -> AttributeDefinition:
    """Raises `NotFoundError` for an attribute that no customer ever had and nobody described."""
    async with database.reading() as connection:
        found = await repository.find(connection, name)
    if found is None:
        raise NotFoundError(f"there is no attribute `{name}`")
    return found


async def save(database: Database, name: str, edit: AttributeEdit, now: datetime) -> AttributeDefinition:
    """Let the attribute be so from now on; what customers have stays as it is. Raises `InvalidError`."""
    if not _is_name(name):
        fault = Fault("/name", "the name is too long", f"Use up to {LONGEST_NAME} characters.")
        raise InvalidError(fault.detail, [fault])
    async with database.transaction() as connection:
        definition = edited(name, edit, await repository.find(connection, name), now)
        await repository.save(connection, definition)
    return definition


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME
