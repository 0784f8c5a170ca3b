"""Documents and events with sane defaults, and a small shop that works them through intake."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from journeyman.channels import templates
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.events import Incoming, subject_of
from journeyman.customers.inbox.repository import append
from journeyman.customers.preferences import record
from journeyman.journeys.drafts import Drafts, Publication
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.journal import Entry
from journeyman.journeys.migration.moving import Moving
from journeyman.journeys.migration.pausing import Pausing
from journeyman.journeys.migration.planning import Wish
from journeyman.journeys.migration.repository import Migration
from journeyman.journeys.migration.rollouts import Rollouts
from journeyman.journeys.migration.tables import RunMigration
from journeyman.journeys.tables import Conversion, JournalEntry, OutboxCommand
from journeyman.journeys.tables import Run as RunRow
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.wake import Wake, wake_for
from journeyman.language.definition import Definition
from journeyman.language.validation import parse

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""

_numbers = itertools.count(1)


def journey(key: str = "cart", **parts: Any) -> dict[str, Any]:
    """A journey's document: enters on `Product Added` and waits for an hour, unless told otherwise."""
    document: dict[str, Any] = {
        "journey": key,
        "entry": {"on": "event", "event": "Product Added"},
        "steps": [{"id": "pause", "wait": {"for": "1h"}}],
    }
    return {**document, **parts}


def definition(key: str = "cart", **parts: Any) -> Definition:
    return parse(journey(key, **parts))


def email(subject: str = "Hello {{ customer.name }}", **parts: Any) -> EmailContent:
    text = parts.pop("text", None if parts else "Your cart waits: https://shop.example/cart\n")
    return EmailContent.model_validate({"channel": "email", "subject": subject, "text": text, **parts})


def incoming(name: str, user: str | None = "ann", *, at: datetime = NOON, **parts: Any) -> Incoming:
    """An accepted event; `kind`, `anonymous`, `previous`, `traits`, `message_id` and properties by name."""
    anonymous = parts.pop("anonymous", None)
    payload = {
        "type": parts.pop("kind", "track"),
        "name": name,
        "userId": user,
        "anonymousId": anonymous,
        "previousId": parts.pop("previous", None),
        "traits": parts.pop("traits", None),
        "journey": parts.pop("journey", None),
    }
    message_id = parts.pop("message_id", None) or f"m{next(_numbers)}"
    given = {key: value for key, value in {**payload, "properties": parts}.items() if value not in (None, {})}
    return Incoming(subject_of(user, anonymous), message_id, at, orjson.dumps(given).decode())


class Shop:
    """A workspace in one database: what the door, intake and the console would do, called directly."""

    def __init__(self, database: Database, now: datetime = NOON, wake: Wake | None = None) -> None:
        self.database = database
        self.wake = wake
        self.clock = FixedClock(now)
        self.drafts = Drafts(database, self.clock)
        self.intake = Intake(database, self.clock, "UTC")

    @property
    def pausing(self) -> Pausing:
        assert self.wake is not None, "whoever opens the shop brings the bell, and closes it"
        return Pausing(self.database, self.wake, self.clock)

    @property
    def rollouts(self) -> Rollouts:
        assert self.wake is not None, "whoever opens the shop brings the bell, and closes it"
        return Rollouts(self.database, self.wake, self.clock)

    async def stop(self, key: str) -> None:
        """Let nobody enter any more; whether anybody hears of it at once does not matter here."""
        wake = wake_for(self.database)
        try:
            await Pausing(self.database, wake, self.clock).stop(key, "test")
        finally:
            await wake.close()

    async def migrate(self, size: int = 3) -> Migration:
        """Go through the runs of the newest migration to its end."""
        async with self.database.reading() as connection:
            newest = select(RunMigration.id).order_by(RunMigration.began_at.desc(), RunMigration.id.desc()).limit(1)
            found = (await connection.execute(newest)).scalar_one()
        moving = Moving(self.database, self.clock, "UTC", size)
        while (migration := await moving.page(found)).state == "under_way":
            pass
        return migration

    async def publish(
        self, document: dict[str, Any], *, template: TemplateContent | None = None, wish: Wish | None = None
    ) -> Publication:
        """Save the templates that the journey sends, then publish it."""
        for step in document["steps"]:
            if "send" in step:
                await templates.save(self.database, step["send"]["template"], template or email(), self.clock.now())
        await self.drafts.save(document["journey"], document)
        return await self.drafts.publish(document["journey"], inside="stay", dry_run=False, wish=wish, by="test")

    async def accept(self, *events: Incoming) -> None:
        """Store events and have intake decide them."""
        await append(self.database, events, self.clock.now())
        await self.decide()

    async def decide(self, limit: int = 500) -> int:
        ownership = await self.intake.claim(0, 1, "test")
        taken = 0
        while found := await self.intake.take(ownership, limit):
            taken += found
        return taken

    async def consent(self, customer: str = "ann", ends: datetime | None = None, **subjects: str) -> None:
        updates = [
            ConsentUpdate(subject, "yes" if status == "yes" else "no", source="test", actor="test", expires_at=ends)
            for subject, status in subjects.items()
        ]
        async with self.database.transaction() as connection:
            found = await customers.resolve(connection, customer)
            await record(connection, found or customer, updates, self.clock.now())

    async def introduce(self, customer: str = "ann", *, consent: str = "yes", **traits: Any) -> None:
        """A customer with an address who agreed to e-mail."""
        traits = {"email": f"{customer}@example.com", "name": customer.title(), **traits}
        early = self.clock.now() - timedelta(days=1)
        await self.accept(incoming("Identified", customer, kind="identify", at=early, traits=traits))
        await self.consent(customer, email=consent)

    def pass_time(self, **span: float) -> datetime:
        self.clock.at += timedelta(**span)
        return self.clock.at

    async def runs(self) -> list[Any]:
        async with self.database.reading() as connection:
            return list(
                (await connection.execute(select(RunRow.__table__).order_by(RunRow.entered_at, RunRow.id))).all()
            )

    async def journal(self) -> list[Entry]:
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(JournalEntry.__table__).order_by(JournalEntry.seq))).all()
        return [Entry(row.kind, row.at, row.step, row.visit, row.code, row.data) for row in rows]

    async def codes(self, kind: str) -> list[str | None]:
        return [entry.code for entry in await self.journal() if entry.kind == kind]

    async def outbox(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(OutboxCommand.__table__).order_by(OutboxCommand.seq))).all()
        return [(row.kind, row.payload) for row in rows]

    async def conversions(self) -> list[Any]:
        async with self.database.reading() as connection:
            return list((await connection.execute(select(Conversion.__table__))).all())
