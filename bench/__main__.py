"""`python -m bench [--only NAME] [--quick]`: every figure beside its floor, measured in the same run.

Prints a table as the figures come. Without `--quick` they also stand in `docs/benchmarks.md` afterwards, where
`--only` replaces the rows of what it measured.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import (
    campaign,
    crowd,
    hostile,
    ingest,
    intake,
    isolation,
    migration,
    reaction,
    segments,
    sending,
    simulation,
    throughput,
)
from bench.figures import Figure, number
from bench.report import write

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


async def door(*, quick: bool) -> list[Figure]:
    """The door measures itself; a quick look is the same look."""
    del quick
    found = await ingest.measure()
    note = f"{ingest.BATCH} a batch, PostgreSQL, fsync on"
    stored, floor = found["stored_per_second"], found["floor_per_second"]
    return [
        Figure("ingest", "events/s", stored, floor, found["ratio"], ingest.GOAL, note=note),
        Figure("ingest, request p50", "ms", found["request_p50_ms"], note=note),
        Figure("ingest, request p99", "ms", found["request_p99_ms"], note=note),
    ]


BENCHMARKS: dict[str, Callable[..., Awaitable[list[Figure]]]] = {
    "throughput": throughput.measure,
    "reaction": reaction.measure,
    "ingest": door,
    "intake": intake.measure,
    "segments": segments.measure,
    "crowd": crowd.measure,
    "campaign": campaign.measure,
    "migration": migration.measure,
    "simulation": simulation.measure,
    "hostile": hostile.measure,
    "sending": sending.measure,
    "isolation": isolation.measure,
}


async def run(names: list[str], console: Console, *, quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        console.print(f"measuring {name} …")
        figures += await BENCHMARKS[name](quick=quick)
    return figures


def table(figures: list[Figure]) -> Table:
    shown = Table("figure", "unit", "target", "floor", "ours", "ratio", "met", "how")
    for one in figures:
        met = {True: "yes", False: "NO", None: ""}[one.is_met]
        shown.add_row(
            one.name, one.unit, one.wish, number(one.floor), number(one.ours), number(one.ratio), met, one.note
        )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="measure this; may be given again")
    parser.add_argument("--quick", action="store_true", help="smaller crowds, fewer rounds; nothing is written down")
    wishes = parser.parse_args()
    console = Console(highlight=False)
    figures = asyncio.run(run(wishes.only or list(BENCHMARKS), console, quick=wishes.quick))
    console.print(table(figures))
    if not wishes.quick:
        write(PAGE, figures)


if __name__ == "__main__":
    main()
