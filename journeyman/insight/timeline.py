"""A customer's story: what she did, what journeys did with her, and what she agreed to, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.zones import place_of
from journeyman.insight import repository, sentences
from journeyman.insight.lookup import definitions_of, must_know
from journeyman.insight.repository import ConsentSeen, EventSeen, JournalSeen, Place
from journeyman.insight.words import Reader
from journeyman.journeys.published import Shelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.pagination import Page, page_of, read_cursor

Seen = EventSeen | ConsentSeen | JournalSeen


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened, in words and in data."""

    at: datetime
    kind: str
    text: str
    journey: str | None = None
    step: str | None = None
    run: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Timeline:
    """Tells customers' stories."""

    def __init__(self, database: Database, clock: Clock, shelf: Shelf, workspace_zone: str) -> None:
        self.database = database
        self.clock = clock
        self.shelf = shelf
        self.workspace_zone = workspace_zone

    async def of(self, customer: str, cursor: str | None, limit: int) -> Page[TimelineItem]:
        """The story of a customer, named by any of her ids. Raises `NotFoundError`."""
        after: Any = read_cursor(cursor, datetime, int, int)
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            seen = await _newest(connection, customer_id, after, limit + 1)
            page = page_of(seen, limit, lambda one: one.place)
            reader = await self._reader(connection, customer_id, page.items)
        return page.map(lambda one: tell(one, reader))

    async def _reader(self, connection: AsyncConnection, customer_id: str, seen: Iterable[Seen]) -> Reader:
        versions = {(one.journey, one.version) for one in seen if isinstance(one, JournalSeen)}
        profile = await repository.profile(connection, customer_id)
        place = place_of(profile.attributes, None, self.workspace_zone)
        definitions = await definitions_of(connection, self.shelf, versions)
        return Reader(definitions, place.zone, self.clock.now())


async def _newest(connection: AsyncConnection, customer_id: str, after: Place | None, limit: int) -> list[Seen]:
    found: list[Seen] = []
    for source in (repository.events, repository.consent_changes, repository.journal):
        found += await source(connection, customer_id, after, limit)
    return sorted(found, key=lambda one: one.place, reverse=True)[:limit]


def tell(one: Seen, reader: Reader) -> TimelineItem:
    """One thing on record as an item."""
    match one:
        case EventSeen():
            return _event(one)
        case ConsentSeen():
            data = {"subject": one.subject, "status": one.status, "source": one.source, "actor": one.actor}
            text = sentences.of_consent(one)
            return TimelineItem(one.at, "consent", text, data=data | {"wording": one.wording})
        case JournalSeen():
            return tell_line(one, reader)


def tell_line(line: JournalSeen, reader: Reader) -> TimelineItem:
    """A line of the journal as an item."""
    data: dict[str, Any] = {"code": line.code, "version": line.version, "visit": line.visit}
    text = sentences.of_journal(line, reader)
    return TimelineItem(line.at, line.kind, text, line.journey, line.step, line.run, data | line.data)


def _event(event: EventSeen) -> TimelineItem:
    data: dict[str, Any] = {"type": event.type, "name": event.name, "message_id": event.message_id}
    of = event.properties if event.type == "receipt" else event.context if event.type == "enter" else {}
    return TimelineItem(
        event.at,
        "event",
        sentences.of_event(event),
        journey=of.get("journey"),
        step=of.get("step"),
        data=data | {"properties": event.properties},
    )
