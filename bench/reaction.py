"""From an event to its effect: posted over HTTP, stored, decided, signalled, and the mail that follows is there.

The floor is a bare workflow that a signal releases and that then sends the same mail. One at a time, in turns.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench import bare, shop
from bench.engine import Engine
from bench.figures import Figure, percentile
from bench.mailroom import Mailroom
from bench.processes import bare_worker, product_api, product_worker
from journeyman.kit.database import Database
from tests.builders import journey

TURN = 25
"""Reactions of one side before the other has its turn."""
PATIENCE = 60.0


def waiting_journey() -> dict[str, object]:
    return journey(
        "order-thanks",
        steps=[
            {"id": "order", "wait_for": {"event": "Order Completed", "timeout": "1d"}},
            {"id": "thanks", "send": {"channel": "email", "template": "thanks"}},
        ],
    )


async def measure(*, quick: bool) -> list[Figure]:
    count = 50 if quick else 300
    users = [f"u{number}" for number in range(count + TURN)]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url = shop.sqlite(folder)
        database = Database(url)
        await shop.furnish(database, [waiting_journey()], users)
        await database.close()
        async with Engine() as engine, Mailroom() as mailroom:
            with (
                bare_worker(folder, engine.address, mailroom.url),
                product_worker(folder, url, engine.address, mailroom.url),
                product_api(url) as api,
            ):
                floor, ours = await _in_turns(engine, mailroom, api.url, users)
    return [_figure(hundredth, ours[TURN:], floor[TURN:]) for hundredth in (50, 99)]


async def _in_turns(
    engine: Engine, mailroom: Mailroom, api_url: str, users: list[str]
) -> tuple[list[float], list[float]]:
    """Seconds of each reaction of the floor and of ours."""
    floor, ours = [], []
    async with httpx.AsyncClient(base_url=api_url) as http:
        await _let_wait(engine, http, users)
        for start in range(0, len(users), TURN):
            some = users[start : start + TURN]
            floor += [await _bare(engine, mailroom, user) for user in some]
            ours += [await timed(http, mailroom, user) for user in some]
    return floor, ours


def _figure(hundredth: int, ours: list[float], floor: list[float]) -> Figure:
    mine, bare_ = percentile(ours, hundredth) * 1000, percentile(floor, hundredth) * 1000
    target = 3.0 if hundredth == 99 else None
    note = f"{len(ours)} one at a time, HTTP → mail, SQLite"
    return Figure(f"reaction p{hundredth}", "ms", mine, bare_, mine / bare_, target, higher_is_better=False, note=note)


async def _let_wait(engine: Engine, http: httpx.AsyncClient, users: list[str]) -> None:
    """Every customer waits in both: a workflow has begun to wait once its first task is done."""
    for user in users:
        given = bare.Mail(f"bare-{user}", _bare_address(user))
        await engine.client.start_workflow(bare.BareReaction.run, given, id=given.id, task_queue=bare.QUEUE)
    await shop.post(http, [shop.track(user, "Product Added", f"add-{user}") for user in users])
    for user in users:
        await engine.until_waiting(f"bare-{user}", PATIENCE)
        await engine.until_waiting(f"journey/order-thanks/{user}", PATIENCE)


async def _bare(engine: Engine, mailroom: Mailroom, user: str) -> float:
    before, started = mailroom.total, time.perf_counter()
    await engine.client.get_workflow_handle(f"bare-{user}").signal(bare.BareReaction.release)
    await mailroom.until(before + 1, PATIENCE)
    return mailroom.arrived[_bare_address(user)] - started


async def timed(http: httpx.AsyncClient, mailroom: Mailroom, user: str) -> float:
    """Seconds from the event that releases a customer to her mail."""
    before, started = mailroom.total, time.perf_counter()
    await shop.post(http, [shop.track(user, "Order Completed", f"order-{user}")])
    await mailroom.until(before + 1, PATIENCE)
    return mailroom.arrived[shop.address(user)] - started


def _bare_address(user: str) -> str:
    return shop.address(f"bare-{user}")
