"""The page with the figures: what was measured, on what, and how to read it."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figure, number
from journeyman.cli.temporal_server import find_program

HEAD = (
    "| figure | unit | target | floor | ours | ratio | met | how | measured |\n|---|---|---|---|---|---|---|---|---|\n"
)
READING = """\
# Benchmarks

`python -m bench` measures everything below, on loopback, with the real Temporal server and the product's own programs
as processes of their own (`--only NAME` one part of it, `--quick` with smaller crowds and without writing this page).

How to read it: **ours** is the product, **floor** the least that any product on the same engine and database would have
to do, measured in the same run in alternating rounds, and **ratio** is ours by the floor's, round by round. Absolute
figures belong to one machine; the ratios are what a change of the code must keep. Load, servers and workers share the
machine's cores.

| floor of | is |
|---|---|
| throughput, history | a bare workflow with the same three timers, and three activities that send the same mail |
| reaction | a bare workflow that a signal releases and that then sends the same mail |
| campaign | a loop that starts bare workflows, 64 at once, up to the last first workflow task |
| segments, by customers | as of intake |
| ingest, intake | `INSERT … SELECT FROM unnest(…) ON CONFLICT DO NOTHING` of the same rows by the driver alone |
| segments, an event | the same with fewer customers, or without segments |
| an ordinary mail | python-liquid and mrml alone, without bounds, links and plain text |
| waiting, storm | a bare workflow that sleeps until the same instant and ends |

"""


def write(page: Path, figures: list[Figure]) -> None:
    """Write the page anew; rows of figures that were not measured now stay as they are."""
    rows = _rows_of(page)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    rows.update({one.name: _row(one, today) for one in figures})
    page.write_text(READING + HEAD + "".join(f"{row}\n" for row in rows.values()) + "\n" + _machine())


def _rows_of(page: Path) -> dict[str, str]:
    """The rows that stand on the page, by figure."""
    if not page.exists():
        return {}
    _, _, table = page.read_text().partition(HEAD)
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    return {row.split("|")[1].strip(): row for row in rows}


def _row(one: Figure, today: str) -> str:
    met = {True: "yes", False: "**no**", None: ""}[one.is_met]
    cells = [one.name, one.unit, one.wish, number(one.floor), number(one.ours), number(one.ratio), met, one.note, today]
    return "| " + " | ".join(cells) + " |"


def _machine() -> str:
    temporal = subprocess.run([find_program(), "--version"], check=True, capture_output=True, text=True).stdout.strip()
    parts = ", ".join(f"{name} {version(name)}" for name in ("temporalio", "sqlalchemy", "asyncpg", "pydantic"))
    cores = os.cpu_count()
    return (
        f"Machine of the newest rows: {cores} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}; {temporal}; {parts}.\n"
    )
