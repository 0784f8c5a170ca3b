"""Events per second from accepted to decided, against a bare insert of the same rows into the inbox.

Five thousand customers and four live journeys. Three of ten events identify, one of ten starts a run, one of twenty
ends one; the others are pages and events that concern nobody. As many intake partitions as by default, in one
process as in a worker.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from bench import shop
from bench.figures import Figure, paired
from bench.ingest import durable_postgres
from journeyman.customers.inbox.events import Incoming, slot_of
from journeyman.customers.inbox.repository import append
from journeyman.journeys.intake.intake import Intake, Ownership
from journeyman.kit.clock import SystemClock
from journeyman.kit.database import Database
from journeyman.kit.garbage import collect_rarely
from journeyman.kit.migrations import upgrade
from journeyman.settings import Settings
from tests.builders import incoming, journey

CUSTOMERS = 5_000
JOURNEYS = 4
BATCH = Settings().intake_batch
INSERT = """
INSERT INTO bare (slot, subject, message_id, event_time, received_at, payload)
SELECT slot, subject, message_id, event_time, $6, payload
FROM unnest($1::smallint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
  AS sent (slot, subject, message_id, event_time, payload)
ON CONFLICT (message_id) DO NOTHING RETURNING message_id
"""


def journeys() -> list[dict[str, Any]]:
    bought = {"property": "cart_id", "equals": {"entry": "cart_id"}}
    return [
        journey(
            f"cart-{number}",
            entry={
                "on": "event",
                "event": f"Cart {number}",
                "correlate": "cart_id",
                "audience": {"not": {"event": "Order Completed", "within": "7d"}},
            },
            exit=[{"on": "event", "event": "Order Completed", "where": bought}],
            steps=[
                {"id": "pause", "wait": {"for": "1d"}},
                {"id": "mail", "send": {"channel": "email", "template": "mail"}},
            ],
        )
        for number in range(JOURNEYS)
    ]


class Crowd:
    """Events of customers in the mix of a shop, always new."""

    def __init__(self) -> None:
        self.random = random.Random(7)
        self.carts: list[tuple[str, str]] = []
        self.number = 0

    def events(self, count: int) -> list[Incoming]:
        return [self._event() for _ in range(count)]

    def _event(self) -> Incoming:
        self.number += 1
        user, chance, now = f"u{self.random.randrange(CUSTOMERS)}", self.random.random(), datetime.now(UTC)
        if chance < 0.30:
            traits = {"email": shop.address(user), "plan": self.random.choice(["free", "pro"]), "city": "Riga"}
            return incoming("Identified", user, kind="identify", at=now, traits=traits)
        if chance < 0.40:
            self.carts.append((user, f"c{self.number}"))
            name = f"Cart {self.random.randrange(JOURNEYS)}"
            return incoming(name, user, at=now, cart_id=f"c{self.number}", value=99.5, currency="EUR")
        if chance < 0.45 and self.carts:
            user, cart = self.carts.pop(self.random.randrange(len(self.carts)))
            return incoming("Order Completed", user, at=now, cart_id=cart, revenue=99.5, currency="EUR")
        if chance < 0.70:
            page = {"url": "https://shop.example/shoes", "title": "Shoes", "referrer": "https://search.example/"}
            return incoming("Page Viewed", user, kind="page", at=now, **page)
        return incoming("Product Viewed", user, at=now, product_id=f"p{self.number % 500}", price=42.0, currency="EUR")


async def decide(database: Database, events: list[Incoming]) -> float:
    """Events per second from the inbox to decided."""
    for start in range(0, len(events), 1000):
        await append(database, events[start : start + 1000], datetime.now(UTC))
    intake = Intake(database, SystemClock(), "UTC")
    parts = Settings(database_url=database.url).partitions
    owned = [await intake.claim(part, parts, "bench") for part in range(parts)]
    for ownership in owned:
        await intake.take(ownership, 1)
    started = time.perf_counter()
    taken = await asyncio.gather(*(_empty(intake, ownership) for ownership in owned))
    return sum(taken) / (time.perf_counter() - started)


async def _empty(intake: Intake, ownership: Ownership) -> int:
    taken = 0
    while found := await intake.take(ownership, BATCH):
        taken += found
    return taken


async def bare(dsn: str, events: list[Incoming]) -> float:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS bare (LIKE inbox INCLUDING ALL)")
    await connection.execute("TRUNCATE bare")
    batches = [columns(events[start : start + BATCH]) for start in range(0, len(events), BATCH)]
    started = time.perf_counter()
    for batch in batches:
        await connection.fetch(INSERT, *batch)
    seconds = time.perf_counter() - started
    await connection.close()
    return len(events) / seconds


def columns(events: list[Incoming]) -> tuple[Any, ...]:
    return (
        [slot_of(event.subject) for event in events],
        [event.subject for event in events],
        [event.message_id for event in events],
        [event.event_time for event in events],
        [event.payload for event in events],
        datetime.now(UTC),
    )


@asynccontextmanager
async def furnished(url: str) -> AsyncIterator[Database]:
    upgrade(url)
    database = Database(url)
    await shop.furnish(database, journeys(), [f"u{number}" for number in range(CUSTOMERS)])
    yield database
    await database.close()


async def measure(*, quick: bool) -> list[Figure]:
    collect_rarely()  # as the worker does
    count, rounds = (3_000, 2) if quick else (10_000, 5)
    crowd = Crowd()
    floor, ours, sqlite = [], [], []
    with durable_postgres() as postgres, TemporaryDirectory() as folder:
        dsn = postgres.url().replace("+asyncpg", "")
        async with (
            furnished(postgres.url()) as on_postgres,
            furnished(f"sqlite+aiosqlite:///{Path(folder) / 'a.db'}") as on_sqlite,
        ):
            for _ in range(rounds):
                events = crowd.events(count)
                floor.append(await bare(dsn, events))
                ours.append(await decide(on_postgres, events))
                sqlite.append(await decide(on_sqlite, events))
    decided, inserted, ratio = paired(ours, floor)
    lite, _, lite_ratio = paired(sqlite, floor)
    note = f"{BATCH} a batch, fsync on"
    return [
        Figure("intake PostgreSQL", "events/s", decided, inserted, ratio, 0.1, note=note),
        Figure("intake SQLite", "events/s", lite, inserted, lite_ratio, note="floor: the insert on PostgreSQL"),
    ]
