"""Intake as it runs in production: workers are processes of their own, each with a partition that stays its own."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bench.intake import BATCH
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.repository import append
from journeyman.journeys.intake.intake import Intake
from journeyman.kit.clock import SystemClock
from journeyman.kit.database import Database
from journeyman.kit.garbage import collect_rarely

COUNT = 2
"""As many as the machine has cores."""


class Workers:
    """Workers that decide what is in the inbox when they are told to."""

    def __init__(self, lines: Sequence[Connection]) -> None:
        self.lines = lines

    async def decide(self, database: Database, events: Sequence[Incoming]) -> float:
        """Events per second from the inbox to decided."""
        for start in range(0, len(events), BATCH):
            await append(database, events[start : start + BATCH], datetime.now(UTC))
        started = time.perf_counter()
        for line in self.lines:
            line.send(True)
        taken: int = sum(line.recv() for line in self.lines)
        seconds = time.perf_counter() - started
        if taken != len(events):
            raise RuntimeError(f"{taken} of {len(events)} events were decided")
        return taken / seconds


@contextmanager
def workers(url: str) -> Iterator[Workers]:
    """Start them, and stop them in the end."""
    context = get_context("spawn")
    pipes = [context.Pipe() for _ in range(COUNT)]
    processes = [
        context.Process(target=_work, args=(url, part, theirs), daemon=True) for part, (_, theirs) in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    lines = [ours for ours, _ in pipes]
    for line in lines:
        line.recv()
    try:
        yield Workers(lines)
    finally:
        for line in lines:
            line.send(False)
        for process in processes:
            process.join()


def _work(url: str, part: int, line: Connection) -> None:
    collect_rarely()  # as the worker does
    asyncio.run(_tend(url, part, line))


async def _tend(url: str, part: int, line: Connection) -> None:
    database = Database(url)
    intake = Intake(database, SystemClock(), "UTC")
    ownership = await intake.claim(part, COUNT, f"bench {part}")
    line.send("ready")
    while line.recv():
        taken = 0
        while found := await intake.take(ownership, BATCH):
            taken += found
        line.send(taken)
    await database.close()
