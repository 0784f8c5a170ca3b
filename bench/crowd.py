"""Very many runs that wait, and then all wake at one instant: the product's beside bare workflows.

Each side has a Temporal server of its own, since the one must not pay for the other's timers. While everybody waits
the worker's memory and its processor time are read; when the instant comes, the storm is timed until the last is over.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench import bare, shop
from bench.engine import Engine, cpu_seconds, resident_bytes
from bench.figures import Figure
from bench.processes import bare_worker, product_api, product_worker
from journeyman.kit.database import Database
from journeyman.settings import Settings
from tests.builders import journey

NOBODY = "smtp://127.0.0.1:9"
"""No mail is sent here."""
SLOWEST = 40
"""Starts per second at least: the instant comes when all of them wait, and their waiting was measured."""
CALM = 10.0
"""Seconds between the last first workflow task and the reading of what waiting costs."""
READING = 30.0
PATIENCE = 1200.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What a crowd cost: bytes, share of a core while it waited, ends per second, and runs that did not end."""

    resident: int
    idle: float
    rate: float
    lost: int


async def measure(*, quick: bool) -> list[Figure]:
    runs = 1_000 if quick else 10_000
    floor, ours = await bare_crowd(runs), await product_crowd(runs)
    note = f"{runs:,} runs"
    mine, bare_ = ours.resident / 2**20, floor.resident / 2**20
    return [
        Figure(
            "waiting, CPU",
            "% of a core",
            ours.idle * 100,
            floor.idle * 100,
            None,
            1.0,
            higher_is_better=False,
            note=note,
        ),
        Figure("waiting, memory", "MiB", mine, bare_, mine / bare_, 1.2, higher_is_better=False, note=note),
        Figure(
            "storm", "runs/s", ours.rate, floor.rate, ours.rate / floor.rate, 0.7, note=f"{note} due at one instant"
        ),
        Figure("storm, lost", "runs", ours.lost, floor.lost, None, 0.0, higher_is_better=False, note=note),
    ]


async def bare_crowd(runs: int) -> Measured:
    with TemporaryDirectory() as folder:
        async with Engine() as engine:
            with bare_worker(Path(folder), engine.address, NOBODY) as worker:
                due = _instant(runs)
                await _start_bare(engine, due, runs)
                return await _watch(engine, "BareWait", bare.QUEUE, worker, due, runs)


async def _start_bare(engine: Engine, due: datetime, runs: int) -> None:
    some = asyncio.Semaphore(64)

    async def start(number: int) -> None:
        async with some:
            given = due.isoformat()
            await engine.client.start_workflow(bare.BareWait.run, given, id=f"bare-{number}", task_queue=bare.QUEUE)

    await asyncio.gather(*(start(number) for number in range(runs)))


async def product_crowd(runs: int) -> Measured:
    users = [f"u{number}" for number in range(runs)]
    with TemporaryDirectory() as folder:
        url = shop.sqlite(Path(folder))
        database = Database(url)
        await shop.furnish(database, [], users)
        due = _instant(runs)
        await shop.furnish(database, [storm_journey(due)], [])
        await database.close()
        async with Engine() as engine:
            with product_worker(Path(folder), url, engine.address, NOBODY) as worker:
                await _enter(url, users)
                return await _watch(engine, "JourneyWorkflow", Settings().task_queue, worker, due, runs)


def storm_journey(due: datetime) -> dict[str, Any]:
    return journey("storm", steps=[{"id": "launch", "wait": {"until": {"instant": due.isoformat()}}}])


async def _enter(url: str, users: list[str]) -> None:
    with product_api(url) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=60) as http:
            await shop.post(http, [shop.track(user, "Product Added", f"add-{user}") for user in users])


def _instant(runs: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=runs / SLOWEST + CALM + READING + 20)


async def _watch(engine: Engine, kind: str, queue: str, worker: int, due: datetime, runs: int) -> Measured:
    """Wait until everybody waits, read what that costs, and time the storm."""
    await engine.until_count(f"WorkflowType = '{kind}'", runs, PATIENCE)
    await engine.until_no_backlog(queue, PATIENCE)
    await asyncio.sleep(CALM)
    before, began = cpu_seconds(worker), time.monotonic()
    await asyncio.sleep(READING)
    idle = (cpu_seconds(worker) - before) / (time.monotonic() - began)
    resident = resident_bytes(worker)
    ahead = (due - datetime.now(UTC)).total_seconds()
    if ahead <= 0:
        raise RuntimeError(f"the starts took {-ahead:.0f} s too long: the storm has begun already")
    await asyncio.sleep(ahead)
    began = time.monotonic()
    ended = await _drained(engine, f"WorkflowType = '{kind}' AND ExecutionStatus = 'Completed'", runs)
    return Measured(resident, idle, ended / (time.monotonic() - began), runs - ended)


async def _drained(engine: Engine, query: str, runs: int) -> int:
    try:
        await engine.until_count(query, runs, PATIENCE)
    except TimeoutError:
        return (await engine.client.count_workflows(query)).count
    return runs
