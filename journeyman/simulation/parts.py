"""A crowd simulated in parts, each in a process of its own: customers know nothing of one another.

What customers do share (the places of a `throttle`, what a bandit has learnt) each part has for itself.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any, Final

from journeyman.language.definition import Definition
from journeyman.language.validation import parse
from journeyman.simulation.cases import Open
from journeyman.simulation.crowd import Invented
from journeyman.simulation.runs import Simulated, simulate
from journeyman.simulation.stock import Stock

WORTH_A_PROCESS: Final = 20
"""Customers below which another process would take longer to start than it saves."""


def simulate_in_parts(
    open_: Open,
    definition: Definition,
    stock: Stock,
    customers: Sequence[Invented],
    begins: datetime,
    lasts: timedelta,
    jobs: int,
) -> Simulated:
    """As `simulate`, in up to `jobs` processes; `open_` has to be a function that can be named."""
    jobs = max(1, min(jobs, len(customers) // WORTH_A_PROCESS))
    document = definition.to_document()
    if jobs == 1:
        return _part(open_, document, stock, customers, begins, lasts)
    parts = [customers[number::jobs] for number in range(jobs)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        under_way = [pool.submit(_part, open_, document, stock, part, begins, lasts) for part in parts]
        done = [one.result() for one in under_way]
    found = {result.customer: result for one in done for result in one.results}
    return Simulated(definition.journey, begins, lasts, [found[one.id] for one in customers])


def _part(
    open_: Open,
    document: dict[str, Any],
    stock: Stock,
    customers: Sequence[Invented],
    begins: datetime,
    lasts: timedelta,
) -> Simulated:
    return asyncio.run(simulate(open_, parse(document), stock, customers, begins, lasts))
