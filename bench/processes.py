"""The programs of a benchmark: the floor's worker, and the product's worker and API, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.parts.http_server import ROOT, HttpServer

KEY = "bench"
SECRET = "a secret of thirty-two characters"  # noqa: S105 - of a benchmark
START_LIMIT = 45.0


@contextmanager
def program(command: list[str], ready: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """The number of a running process that has made its ready file; killed at the end."""
    log = ready.with_suffix(".log")
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env={**os.environ, **environment}, stdout=lines, stderr=lines
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def bare_worker(folder: Path, address: str, smtp_url: str) -> Iterator[int]:
    ready = folder / "bare.ready"
    with program(["-m", "bench.bare", address, smtp_url, str(ready)], ready, {}) as pid:
        yield pid


@contextmanager
def product_worker(folder: Path, database_url: str, address: str, smtp_url: str, **settings: str) -> Iterator[int]:
    """A worker; `settings` adds variables to its environment."""
    ready = folder / "worker.ready"
    environment = {
        "JOURNEYMAN_DATABASE_URL": database_url,
        "JOURNEYMAN_TEMPORAL_ADDRESS": address,
        "JOURNEYMAN_SMTP_URL": smtp_url,
        "JOURNEYMAN_SECRET_KEY": SECRET,
        "JOURNEYMAN_READY_FILE": str(ready),
        **settings,
    }
    with program(["worker.py"], ready, environment) as pid:
        yield pid


@contextmanager
def product_api(database_url: str) -> Iterator[HttpServer]:
    server = HttpServer(database_url, JOURNEYMAN_INGEST_KEY=KEY)
    try:
        yield server
    finally:
        server.stop()
