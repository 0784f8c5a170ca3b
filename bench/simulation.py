"""Ninety days of a journey of twelve steps, simulated for one customer and for many."""

import asyncio
import os
import statistics
import time
from datetime import UTC, datetime, timedelta

from bench.figures import Figure
from journeyman.bootstrap import simulation
from journeyman.language.definition import Definition
from journeyman.language.validation import parse
from journeyman.simulation.crowd import invent
from journeyman.simulation.parts import simulate_in_parts
from journeyman.simulation.stock import Stock

BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
LASTS = timedelta(days=90)
SLOWEST = 3.0
"""Seconds for one customer."""
LEAST = 20.0
"""Customers a second, in bulk."""


def twelve_steps() -> Definition:
    """Six weeks of waits, with a mail after each."""
    steps = [
        step
        for number in range(6)
        for step in (
            {"id": f"wait-{number}", "wait": {"for": "7d"}},
            {"id": f"mail-{number}", "send": {"channel": "email", "template": "hello"}},
        )
    ]
    order = {"on": "event", "event": "Order Completed"}
    entry = {"on": "event", "event": "Signed Up"}
    goals = [{"key": "order", **order, "within": "90d"}]
    return parse({"journey": "twelve", "entry": entry, "exit": [order], "goals": goals, "steps": steps})


async def measure(*, quick: bool) -> list[Figure]:
    definition, jobs = twelve_steps(), os.cpu_count() or 1
    crowd, rounds = (40, 2) if quick else (400, 3)
    # In a thread, for a simulation runs a loop of its own.
    alone = [await asyncio.to_thread(_seconds, definition, 1, jobs) for _ in range(rounds)]
    crowded = [await asyncio.to_thread(_seconds, definition, crowd, jobs) for _ in range(rounds)]
    one, many = statistics.median(alone), crowd / statistics.median(crowded)
    note = "90 days of 12 steps"
    return [
        Figure("simulation, one", "s", one, target=SLOWEST, higher_is_better=False, note=note),
        Figure("simulation, bulk", "customers/s", many, target=LEAST, note=f"{note}, {crowd} in {jobs} processes"),
    ]


def _seconds(definition: Definition, customers: int, jobs: int) -> float:
    people = invent(definition, customers, BEGINS, LASTS)
    started = time.perf_counter()
    simulate_in_parts(simulation, definition, Stock(), people, BEGINS, LASTS, jobs)
    return time.perf_counter() - started
