"""A hundred segments that keep themselves, on PostgreSQL: what they cost intake, and how late time alone moves people.

Populations of 2,000, 20,000 and 200,000 have the same history each, 25 events in half a year, and the same hundred
segments. In each of them 2,000, chosen at random, are at it now; nobody has a second event before all of them had one,
so that the events and the batches are alike in every size. Every round is decided beside a bare insert of its events.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from bench import population
from bench.figures import Figure, paired, percentile
from bench.ingest import durable_postgres
from bench.intake import BATCH, bare, decide
from bench.population import MADE, Visitors, users
from bench.segment_set import WATCHED, Condition, naming, segment_set
from bench.workers import COUNT, workers
from journeyman.customers.inbox.repository import append
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.intake.tending import LOOK
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.kit.clock import SystemClock
from journeyman.kit.database import Database
from journeyman.kit.garbage import collect_rarely
from journeyman.kit.migrations import upgrade
from tests.builders import incoming
from tests.parts.postgres import PostgresServer

NAMED = (0, 10, 50, 100)
"""Of a hundred segments, so many name the event."""
LATEST = 60.0
"""Seconds: time alone has moved somebody by then."""
NOTE_LATENESS = """
CREATE UNLOGGED TABLE late (seconds float8);
CREATE FUNCTION note_lateness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO late VALUES (extract(epoch FROM clock_timestamp() - OLD.recheck_at));
  RETURN NULL;
END $$;
CREATE TRIGGER note_lateness AFTER UPDATE ON customers FOR EACH ROW
WHEN (OLD.recheck_at <= clock_timestamp() AND NEW.recheck_at IS DISTINCT FROM OLD.recheck_at)
EXECUTE FUNCTION note_lateness();
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    people: tuple[int, ...]
    events: int
    rounds: int
    seconds: int
    """How long people are moved by time alone."""
    expiring: int
    """How many a second."""


WHOLE = Size((2_000, 20_000, 200_000), events=5_000, rounds=5, seconds=60, expiring=50)
QUICK = Size((2_000, 20_000), events=2_000, rounds=2, seconds=10, expiring=50)
BEGUN = time.monotonic()


def tell(what: str) -> None:
    print(f"  {time.monotonic() - BEGUN:5.0f} s  {what}", flush=True)


async def measure(*, quick: bool) -> list[Figure]:
    collect_rarely()  # as the worker does
    size = QUICK if quick else WHOLE
    with durable_postgres() as postgres:
        return await by_people(postgres, size) + await by_segments(postgres, size)


async def by_people(postgres: PostgresServer, size: Size) -> list[Figure]:
    """The same hundred segments over ever more people; then, with the most of them, what time alone does."""
    dsn = _dsn(postgres, "postgres")
    figures, costs = [], dict[int, float]()
    async with _database(postgres, "postgres") as database:
        built = await _build(database)
        await population.remember(dsn)
        there = MADE
        for people in size.people:
            if people > there:
                await population.repeat(dsn, there // MADE, people // MADE - 1)
                there = people
                tell(f"{people:,} customers with {people * population.EVENTS_EACH:,} events are there")
            await population.settle(database)
            ours, floor, ratio = await _rounds(database, dsn, _active(people), size)
            costs[people] = 1e6 / ours
            target = 0.1 if people == WHOLE.people[-1] else None
            note = f"100 segments, {BATCH} a batch, {COUNT} workers, fsync on"
            figures.append(Figure(f"segments, {people:,} customers", "events/s", ours, floor, ratio, target, note=note))
            tell(f"{people:,} customers: {ours:,.0f} events/s, {ratio:.3f} of a bare insert")
        least, most = size.people[0], size.people[-1]
        note = f"floor: one of {least:,}"
        grown = (costs[most], costs[least], costs[most] / costs[least], 1.5)
        figures.append(Figure(f"segments, an event of {most:,}", "µs", *grown, higher_is_better=False, note=note))
        figures.append(Figure("segments, building", "customers/s", built, note="100 segments in one pass"))
        return figures + await _lateness(database, dsn, users(most), size)


async def by_segments(postgres: PostgresServer, size: Size) -> list[Figure]:
    """Events of one name, which none to all of a hundred segments name, beside no segments at all."""
    costs: dict[str, list[float]] = {}
    for _ in range(size.rounds):
        for total, named in ((0, 0), *((100, named) for named in NAMED)):
            name = f"s{total}_{named}"
            if name not in costs:
                await _furnish(postgres, name, naming(total, named))
            async with _open(postgres, name) as database:
                events = Visitors(users(MADE)).events(size.events, WATCHED)
                costs.setdefault(name, []).append(1e6 / await decide(database, events))
    tell("the cost of 100 segments by how many name the event is measured")
    none = costs["s0_0"]
    figures = []
    for named in NAMED:
        ours, floor, ratio = paired(costs[f"s100_{named}"], none)
        target = 1.15 if not named else None
        note = "floor: no segments" + (f"; {(ours - floor) / named:.2f} µs for each" if named else "")
        name = f"segments, 100 of which {named} name the event"
        figures.append(Figure(name, "µs", ours, floor, ratio, target, higher_is_better=False, note=note))
    return figures


async def _build(database: Database) -> float:
    """Customers a second, judged for a hundred new segments."""
    await population.make(database)
    started = time.perf_counter()
    await population.keep(database, segment_set())
    return MADE / (time.perf_counter() - started)


def _active(people: int) -> Visitors:
    return Visitors(random.Random(5).sample(users(people), MADE))


async def _rounds(database: Database, dsn: str, visitors: Visitors, size: Size) -> tuple[float, float, float]:
    floor, ours = [], []
    with workers(database.url) as tending:
        await tending.decide(database, visitors.events(MADE))
        for _ in range(size.rounds):
            events = visitors.events(size.events)
            floor.append(await bare(dsn, events))
            ours.append(await tending.decide(database, events))
    return paired(ours, floor)


async def _lateness(database: Database, dsn: str, everybody: list[str], size: Size) -> list[Figure]:
    """People leave an hour's window one after another while intake and the keeper work side by side as in a worker."""
    connection = await asyncpg.connect(dsn)
    visitors, number = Visitors(everybody), size.seconds * size.expiring
    await population.settle(database)
    await connection.execute(NOTE_LATENESS)
    # What they did an hour ago ends one by one, once intake has it.
    ends = datetime.now(UTC) + timedelta(seconds=number / 500 + 5)
    gap = timedelta(seconds=1 / size.expiring)
    hour = timedelta(hours=1)
    events = [incoming("Product Added", visitors.next(), at=ends + gap * place - hour) for place in range(number)]
    last = ends + gap * number + timedelta(seconds=5 * LOOK)
    keeping = asyncio.create_task(_keep(database, last))
    await decide(database, events)
    rate = await _live(database, visitors, last)
    await keeping
    late = [row["seconds"] for row in await connection.fetch("SELECT seconds FROM late")]
    await connection.close()
    # Some have put something into their cart again meanwhile.
    assert len(late) >= 0.8 * number, f"only {len(late)} of {number} were judged when their hour was over"
    tell(f"{len(late):,} customers were judged by time alone beside {rate:,.0f} events/s")
    note = f"{len(late) / size.seconds:,.0f} a second of {len(everybody):,} customers, beside {rate:,.0f} events/s"
    return [
        Figure("segments, by time p50", "s late", statistics.median(late), note=note),
        Figure("segments, by time p99", "s late", percentile(late, 99), note=note),
        Figure("segments, by time worst", "s late", max(late), target=LATEST, higher_is_better=False, note=note),
    ]


async def _keep(database: Database, until: datetime) -> None:
    keeper = Keeper(database, SystemClock())
    while datetime.now(UTC) < until:
        if not await keeper.step():
            await asyncio.sleep(LOOK)


async def _live(database: Database, visitors: Visitors, until: datetime) -> float:
    """Events of the present, 500 a second, decided as they come; returns how many a second there were."""
    intake = Intake(database, SystemClock(), "UTC")
    ownership = await intake.claim(0, 1, "bench")
    started, taken = time.perf_counter(), 0
    while datetime.now(UTC) < until:
        await append(database, visitors.events(250), datetime.now(UTC))
        while found := await intake.take(ownership, BATCH):
            taken += found
        await asyncio.sleep(max(0.0, taken / 500 - (time.perf_counter() - started)))
    return taken / (time.perf_counter() - started)


async def _furnish(postgres: PostgresServer, name: str, conditions: dict[str, Condition]) -> None:
    postgres.execute(f"CREATE DATABASE {name}")
    async with _database(postgres, name) as database:
        await population.make(database)
        await population.keep(database, conditions)
        await decide(database, Visitors(users(MADE)).events(BATCH, WATCHED))


@asynccontextmanager
async def _database(postgres: PostgresServer, name: str) -> AsyncIterator[Database]:
    upgrade(postgres.url(name))
    async with _open(postgres, name) as database:
        yield database


@asynccontextmanager
async def _open(postgres: PostgresServer, name: str) -> AsyncIterator[Database]:
    database = Database(postgres.url(name))
    yield database
    await database.close()


def _dsn(postgres: PostgresServer, name: str) -> str:
    return postgres.url(name).replace("+asyncpg", "")
