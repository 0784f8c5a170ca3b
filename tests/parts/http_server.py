"""The product's HTTP application in a process of its own, as it is run in earnest."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.parts.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


class HttpServer:
    """uvicorn over one database; `environment` adds settings."""

    def __init__(self, database_url: str, **environment: str) -> None:
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        arguments = ["--factory", "api.app:create_app", "--port", str(self.port), "--no-access-log"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *arguments, "--log-level", "warning"],
            cwd=ROOT,
            env=os.environ | environment | {"JOURNEYMAN_DATABASE_URL": database_url},
        )
        self._wait_until_alive()

    def _wait_until_alive(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"{self.url}/livez").raise_for_status()
            except httpx.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)
