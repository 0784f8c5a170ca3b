"""Runs per second of the reference journey, against a bare workflow with the same timers and the same mails.

Both end with the last workflow's end. The waits are shortened to a second in both.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from temporalio.client import Client

from bench import bare, shop
from bench.engine import Engine, weigh
from bench.figures import Figure, paired
from bench.mailroom import Mailroom
from bench.processes import bare_worker, product_api, product_worker
from journeyman.kit.database import Database

PAUSE = 1
PATIENCE = 300.0
SETTLE = 12.0
"""Seconds between two rounds: the server looks at the timeout of each workflow task, 10 s, when it would be over, and
one round should not pay for the other's."""
BUDGET = {"events": 38, "actions": 7, "bytes": 5.4 * 1024}


@dataclass
class Stage:
    client: Client
    mailroom: Mailroom
    http: httpx.AsyncClient
    runs: int


async def bare_round(stage: Stage, name: str) -> float:
    before, started = stage.mailroom.total, time.perf_counter()
    some = asyncio.Semaphore(64)

    async def start(number: int) -> None:
        async with some:
            given = bare.Journey(f"{name}-{number}", shop.address(f"{name}-{number}"), PAUSE)
            await stage.client.start_workflow(bare.BareJourney.run, given, id=given.id, task_queue=bare.QUEUE)

    await asyncio.gather(*(start(number) for number in range(stage.runs)))
    return await ended(stage, before, started, [f"{name}-{number}" for number in range(stage.runs)])


async def product_round(stage: Stage, name: str) -> float:
    before, started = stage.mailroom.total, time.perf_counter()
    users = customers(name, stage.runs)
    await shop.post(stage.http, [shop.track(user, "Product Added", f"add-{user}", cart_id="c1") for user in users])
    return await ended(stage, before, started, [f"journey/cart-abandonment/{user}" for user in users])


async def ended(stage: Stage, before: int, started: float, workflow_ids: list[str]) -> float:
    """Runs per second, once every mail is there and every workflow over."""
    await stage.mailroom.until(before + 3 * stage.runs, PATIENCE)
    await asyncio.gather(*(stage.client.get_workflow_handle(one).result() for one in workflow_ids))
    return stage.runs / (time.perf_counter() - started)


def customers(name: str, runs: int) -> list[str]:
    return [f"{name}-{number}" for number in range(runs)]


async def measure(*, quick: bool) -> list[Figure]:
    runs, rounds = (100, 2) if quick else (300, 3)
    names = [f"r{number}" for number in range(rounds)]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url = shop.sqlite(folder)
        database = Database(url)
        everybody = [user for name in ("warm", *names) for user in customers(name, runs)]
        await shop.furnish(database, [shop.reference_journey(f"{PAUSE}s")], everybody)
        await database.close()
        async with Engine() as engine, Mailroom() as mailroom:
            with (
                bare_worker(folder, engine.address, mailroom.url),
                product_worker(folder, url, engine.address, mailroom.url),
                product_api(url) as api,
            ):
                async with httpx.AsyncClient(base_url=api.url) as http:
                    floor, ours = await _rounds(Stage(engine.client, mailroom, http, runs), names)
            histories = await _histories(engine, names[0])
    rate, bare_rate, ratio = paired(ours, floor)
    note = f"{runs} runs at once, {rounds} rounds, SQLite"
    return [Figure("throughput", "runs/s", rate, bare_rate, ratio, 0.7, note=note), *histories]


async def _rounds(stage: Stage, names: list[str]) -> tuple[list[float], list[float]]:
    """Runs per second of the floor and of ours, in turns."""
    warm = replace(stage, runs=20)
    await bare_round(warm, "bare-warm")
    await product_round(warm, "warm")
    floor, ours = [], []
    for name in names:
        await asyncio.sleep(SETTLE)
        floor.append(await bare_round(stage, f"bare-{name}"))
        await asyncio.sleep(SETTLE)
        ours.append(await product_round(stage, name))
    return floor, ours


async def _histories(engine: Engine, name: str) -> list[Figure]:
    ours = weigh(await engine.history(f"journey/cart-abandonment/{name}-1"))
    floor = weigh(await engine.history(f"bare-{name}-1"))
    return [
        Figure(f"history {what}", "", ours[what], floor[what], None, BUDGET[what], higher_is_better=False)
        for what in ("events", "actions", "bytes")
    ]
