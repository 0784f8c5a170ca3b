"""Campaigns over many customers: how fast their runs start beside a bare start loop, through kills, and at a set rate.

Each side has a Temporal server of its own. A campaign is timed against as many bare starts. Of another one, over many
more customers, the worker is killed twice on the way to the last, and at the end everybody has to be in once.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from bench import bare, shop
from bench.engine import Engine, resident_bytes
from bench.figures import Figure, paired
from bench.processes import bare_worker, product_worker
from journeyman.customers.inbox.repository import append
from journeyman.journeys.campaigns.campaigns import Campaigns, Wanted
from journeyman.journeys.campaigns.repository import Campaign
from journeyman.journeys.tables import Run
from journeyman.kit.clock import SystemClock
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from journeyman.settings import Settings
from tests.builders import Shop, incoming, journey

NOBODY = "smtp://127.0.0.1:9"
STARTED = "WorkflowType = 'JourneyWorkflow'"
STEPS = [{"id": "stay", "wait": {"for": "30d"}}]
PATIENCE = 7200.0
RATE = "600 per 1m"
CACHE = "1000"
"""Runs that the worker keeps in memory where its memory is looked at: what a campaign starts fills it in no time."""
RATED = 500
"""Customers whose rate is measured."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How many are in twice or not at all, the worker's memory on the way and at the end, and how long it took."""

    astray: int
    middle: int
    end: int
    seconds: float


async def measure(*, quick: bool) -> list[Figure]:
    customers, probe, rounds = (2_000, 1_000, 1) if quick else (100_000, 3_000, 3)
    floor, starts = [], []
    for _ in range(rounds):
        floor.append(await bare_starts(probe))
        starts.append(await product_starts(probe))
    rate, bare_rate, ratio = paired(starts, floor)
    ours = await crowd(customers)
    off = await rated()
    note = f"{customers:,} customers, SQLite"
    grown = ours.end / ours.middle
    memory = f"at the end and at five sixths of {note}, {CACHE} runs in memory"
    return [
        Figure(
            "campaign", "starts/s", rate, bare_rate, ratio, 0.8, note=f"{probe:,} customers, {rounds} rounds, SQLite"
        ),
        Figure("campaign, astray", "runs", ours.astray, target=0.0, higher_is_better=False, note=f"{note}, two kills"),
        Figure("campaign, memory", "MiB", ours.end / 2**20, ours.middle / 2**20, grown, 1.1, False, memory),
        Figure("campaign, in all", "s", ours.seconds, note=f"{note}, two kills"),
        Figure("campaign, off its rate", "%", off * 100, target=2.0, higher_is_better=False, note=RATE),
    ]


async def bare_starts(number: int) -> float:
    """Starts per second of a loop with 64 at once, up to the last first workflow task."""
    with TemporaryDirectory() as folder:
        async with Engine() as engine:
            with bare_worker(Path(folder), engine.address, NOBODY):
                due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
                some = asyncio.Semaphore(64)

                async def start(one: int) -> None:
                    async with some:
                        await engine.client.start_workflow(
                            bare.BareWait.run, due, id=f"bare-{one}", task_queue=bare.QUEUE
                        )

                began = time.monotonic()
                await asyncio.gather(*(start(one) for one in range(number)))
                return await _started(engine, "WorkflowType = 'BareWait'", bare.QUEUE, number, began)


async def _started(engine: Engine, query: str, queue: str, number: int, began: float) -> float:
    await engine.until_count(query, number, PATIENCE)
    await engine.until_no_backlog(queue, PATIENCE)
    return number / (time.monotonic() - began)


async def product_starts(number: int) -> float:
    """Starts per second of a campaign, from the call that begins it to the last first workflow task."""
    with TemporaryDirectory() as folder:
        url = shop.sqlite(Path(folder))
        database = Database(url)
        await people(database, number)
        await Shop(database).publish(journey("news", entry={"on": "api"}, steps=STEPS))
        async with Engine() as engine:
            with product_worker(Path(folder), url, engine.address, NOBODY):
                began = time.monotonic()
                await begin(database, None)
                rate = await _started(engine, STARTED, Settings().task_queue, number, began)
        await database.close()
    return rate


async def crowd(customers: int) -> Measured:
    with TemporaryDirectory() as folder:
        url = shop.sqlite(Path(folder))
        database = Database(url)
        await people(database, customers)
        await Shop(database).publish(journey("news", entry={"on": "api"}, steps=STEPS))
        async with Engine() as engine:
            with product_worker(Path(folder), url, engine.address, NOBODY, JOURNEYMAN_WORKFLOW_CACHE=CACHE):
                began = time.monotonic()
                campaign = await begin(database, None)
                await engine.until_count(STARTED, customers // 3, PATIENCE)
            _again(folder)
            with product_worker(Path(folder), url, engine.address, NOBODY, JOURNEYMAN_WORKFLOW_CACHE=CACHE):
                await engine.until_count(STARTED, customers * 2 // 3, PATIENCE)
            _again(folder)
            with product_worker(Path(folder), url, engine.address, NOBODY, JOURNEYMAN_WORKFLOW_CACHE=CACHE) as worker:
                await engine.until_count(STARTED, customers * 5 // 6, PATIENCE)
                middle = resident_bytes(worker)
                await engine.until_count(STARTED, customers, PATIENCE)
                end, seconds = resident_bytes(worker), time.monotonic() - began
            astray = await _astray(database, engine, campaign, customers)
        await database.close()
    return Measured(astray, middle, end, seconds)


def _again(folder: str) -> None:
    """The worker was killed; the next one says anew that it is ready."""
    (Path(folder) / "worker.ready").unlink()


async def _astray(database: Database, engine: Engine, campaign: Campaign, customers: int) -> int:
    """How many are missing, or in more than once."""
    async with database.reading() as connection:
        runs = (await connection.execute(select(func.count()).select_from(Run))).scalar_one()
        known = (await connection.execute(select(func.count(Run.customer_id.distinct())))).scalar_one()
    workflows = (await engine.client.count_workflows(STARTED)).count
    async with _campaigns(database) as campaigns:
        found = await campaigns.find(campaign.id)
    counts = (runs, known, workflows, found.offered, found.entered)
    return max(abs(count - customers) for count in counts)


async def people(database: Database, number: int) -> None:
    """Customers who did nothing yet. No worker may run: it would own the inbox."""
    made, at = Shop(database, datetime.now(UTC)), datetime.now(UTC) - timedelta(days=1)
    for start in range(0, number, 1000):
        some = [
            incoming("Identified", f"u{one}", kind="identify", at=at, traits={"number": one})
            for one in range(start, min(start + 1000, number))
        ]
        await append(database, some, made.clock.now())
        await made.decide()


@asynccontextmanager
async def _campaigns(database: Database) -> AsyncIterator[Campaigns]:
    wake = wake_for(database)
    yield Campaigns(database, wake, SystemClock())
    await wake.close()


async def begin(database: Database, rate: str | None) -> Campaign:
    wanted = Wanted(segment=None, when=None, context={}, rate=rate, batch=None)
    async with _campaigns(database) as campaigns:
        return await campaigns.begin("news", wanted, "bench", None)


async def rated() -> float:
    """By which share a campaign is off its rate, between its first page and its last."""
    with TemporaryDirectory() as folder:
        url = shop.sqlite(Path(folder))
        database = Database(url)
        await people(database, RATED)
        await Shop(database).publish(journey("news", entry={"on": "api"}, steps=STEPS))
        async with Engine() as engine:
            with product_worker(Path(folder), url, engine.address, NOBODY):
                campaign = await begin(database, RATE)
                seen = [await _seen(database, campaign, 1)]
                seen.append(await _seen(database, campaign, RATED))
        await database.close()
    (first, early), (last, late) = seen
    wished = 10.0
    return abs((last - first) / (late - early).total_seconds() / wished - 1)


async def _seen(database: Database, campaign: Campaign, least: int) -> tuple[int, datetime]:
    """How many were offered an entry, and when the last of them were, once they are so many."""
    async with _campaigns(database) as campaigns, asyncio.timeout(PATIENCE):
        while (found := await campaigns.find(campaign.id)).offered < least or found.offered_at is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found.offered, found.offered_at
