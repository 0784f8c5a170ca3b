"""Customers with half a year behind them: made and counted by the product's own code, then multiplied in the database.

Two thousand people are made one by one; all larger populations repeat them under other ids, with their events, their
profiles and their segments, so that everybody is consistent and a customer has the same history in every size.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import select

from bench import shop
from bench.segment_set import CATEGORIES, COUNTRIES, PLANS, Condition
from journeyman.customers.identifiers import EMAIL, USER_ID
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.profile.computed import fold
from journeyman.customers.tables import Customer, Event, Identifier
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.clock import SystemClock
from journeyman.kit.database import Database
from journeyman.language.instants import microseconds
from tests.builders import incoming

MADE = 2_000
EVENTS_EACH = 25
AHEAD = 20_000_000
"""The first number of an event that comes in later."""
MIX = (
    ("Page Viewed", 0.42),
    ("Product Viewed", 0.28),
    ("Product Added", 0.12),
    ("Products Searched", 0.06),
    ("Order Completed", 0.05),
    ("Identified", 0.07),
)
NAMES, WEIGHTS = zip(*MIX, strict=True)


def about(chance: random.Random, name: str) -> dict[str, Any]:
    """The properties of an event, or the traits of an `identify`."""
    thing = {"product_id": f"p{chance.randrange(500)}", "category": chance.choice(CATEGORIES), "price": 42.0}
    match name:
        case "Page Viewed":
            return {"url": "https://shop.example/shoes", "title": "Shoes", "referrer": "https://search.example/"}
        case "Order Completed":
            items = [{**thing, "quantity": 1 + chance.randrange(3)}]
            return {"revenue": 20.0 + chance.randrange(200), "currency": "EUR", "products": items}
        case "Products Searched":
            return {"query": thing["category"]}
        case "Identified":
            return {"plan": chance.choice(PLANS), "country": chance.choice(COUNTRIES)}
        case _:
            return thing


class Makers:
    """The rows of the first two thousand."""

    def __init__(self, now: datetime) -> None:
        self.chance = random.Random(11)
        self.now = now
        self.customers: list[Row] = []
        self.identifiers: list[Row] = []
        self.events: list[Row] = []

    def make(self, user: str) -> None:
        # Most of what people do is recent: half of it within the last three weeks.
        ages = sorted((self.chance.expovariate(1 / 30) % 180 for _ in range(EVENTS_EACH)), reverse=True)
        names = ["Identified", *self.chance.choices(NAMES, WEIGHTS, k=EVENTS_EACH - 1)]
        computed: dict[str, Any] = {}
        attributes = {"email": shop.address(user), "name": "Ann"}
        for age, name in zip(ages, names, strict=True):
            at = self.now - timedelta(days=age)
            given = about(self.chance, name)
            if name == "Identified":
                given = attributes = {**attributes, **given}
            self.events.append(self._event(user, name, at, given))
            fold(computed, name, at, microseconds(at), given, {})
        first = self.now - timedelta(days=ages[0])
        self.customers.append(self._customer(user, attributes, computed, first))
        for kind, value in ((USER_ID, user), (EMAIL, attributes["email"])):
            row = {"kind": kind, "value": value, "customer_id": user, "created_at": first, "source": "bench"}
            self.identifiers.append(row)

    def _customer(self, user: str, attributes: Row, computed: Row, first: datetime) -> Row:
        return {
            "id": user,
            "attributes": attributes,
            "computed": computed,
            "scores": {},
            "segments": [],
            "recheck_at": None,
            "created_at": first,
            "updated_at": self.now,
        }

    def _event(self, user: str, name: str, at: datetime, given: Row) -> Row:
        number = len(self.events) + 1
        kinds = {"Identified": "identify", "Page Viewed": "page"}
        return {
            "seq": number,
            "message_id": f"made-{number}",
            "customer_id": user,
            "type": kinds.get(name, "track"),
            "name": name,
            "event_time": at,
            "received_at": at,
            "properties": given,
            "context": {},
            "user_id": user,
        }


async def make(database: Database) -> None:
    """The first two thousand, without segments."""
    makers = Makers(datetime.now(UTC))
    for number in range(MADE):
        makers.make(f"u{number}")
    async with database.transaction() as connection:
        await connection.execute(select(1))
        await insert_many(connection, Customer, makers.customers)
        await insert_many(connection, Identifier, makers.identifiers)
        await insert_many(connection, Event, makers.events)
        await connection.exec_driver_sql(f"SELECT setval('inbox_seq_seq', {AHEAD})")


async def keep(database: Database, conditions: dict[str, Condition]) -> None:
    """Keep these segments, and build them as the product does."""
    segments = Segments(database, SystemClock())
    for key, when in conditions.items():
        await segments.put(key, {"name": key, "when": when})
    await settle(database)


async def settle(database: Database) -> None:
    keeper = Keeper(database, SystemClock())
    while await keeper.step():
        pass


@dataclass(frozen=True, slots=True)
class Copied:
    """A table and which of its columns are other in every repetition."""

    table: str
    ids: tuple[str, ...]
    others: tuple[str, ...]


TABLES = (
    Copied(
        "customers", ("id",), ("attributes", "computed", "scores", "segments", "recheck_at", "created_at", "updated_at")
    ),
    Copied("identifiers", ("value", "customer_id"), ("kind", "created_at", "source")),
    Copied("memberships", ("customer_id",), ("segment_key", "since")),
    Copied(
        "events",
        ("message_id", "customer_id", "user_id"),
        ("type", "name", "event_time", "received_at", "properties", "context"),
    ),
)
PLAIN_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'events' AND indexdef NOT LIKE 'CREATE UNIQUE%'
"""


async def remember(dsn: str) -> None:
    """Set aside the first two thousand as they are now."""
    connection = await asyncpg.connect(dsn)
    for copied in TABLES:
        await connection.execute(f"CREATE TABLE made_{copied.table} AS SELECT * FROM {copied.table}")  # noqa: S608 - own names
    await connection.close()


async def repeat(dsn: str, first: int, last: int) -> None:
    """Repeat them, from one repetition to another."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
    indexes = await connection.fetch(PLAIN_INDEXES)
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['indexname']}")
    for copied in TABLES:
        await connection.execute(_repeating(copied, first, last))
    for index in indexes:
        await connection.execute(index["indexdef"])
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()


def _repeating(copied: Copied, first: int, last: int) -> str:
    columns, values = [*copied.ids, *copied.others], [*(f"{one} || '-' || n" for one in copied.ids), *copied.others]
    if copied.table == "events":
        columns, values = ["seq", *columns], [f"seq + n * {MADE * EVENTS_EACH}", *values]
    return (
        f"INSERT INTO {copied.table} ({', '.join(columns)}) "  # noqa: S608 - own names
        f"SELECT {', '.join(values)} FROM generate_series({first}, {last}) AS n, made_{copied.table}"
    )


def users(count: int) -> list[str]:
    """Everybody, by user id."""
    return [f"u{number % MADE}" + (f"-{number // MADE}" if number >= MADE else "") for number in range(count)]


class Visitors:
    """Events of the present: everybody has one before anybody has the next, in whatever order."""

    def __init__(self, everybody: Sequence[str]) -> None:
        self.chance = random.Random(7)
        self.everybody = list(everybody)
        self.waiting: list[str] = []

    def next(self) -> str:
        if not self.waiting:
            self.waiting = self.chance.sample(self.everybody, len(self.everybody))
        return self.waiting.pop()

    def events(self, count: int, only: str | None = None) -> list[Incoming]:
        return [self._event(only) for _ in range(count)]

    def _event(self, only: str | None) -> Incoming:
        user, name = self.next(), only or self.chance.choices(NAMES, WEIGHTS)[0]
        given, now = about(self.chance, name), datetime.now(UTC)
        if name == "Identified":
            traits = {"email": shop.address(user), **given}
            return incoming(name, user, kind="identify", at=now, traits=traits)
        return incoming(name, user, kind="page" if name == "Page Viewed" else "track", at=now, **given)
