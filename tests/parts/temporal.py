"""The real Temporal server from pip, with the settings that `journeyman up` gives it."""

import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from journeyman.cli.temporal_server import find_program, server_command
from tests.parts.postgres import free_port


class TemporalServer:
    """One server with its state in a file of its own; `more` holds further dynamic configuration."""

    def __init__(self, *more: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="jm-temporal-")
        self.port, ui_port = free_port(), free_port()
        self.program = find_program()
        self.command = server_command(self.program, Path(self.folder.name) / "t.db", "default", self.port, ui_port)
        self.command += [part for value in more for part in ("--dynamic-config-value", value)]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, or start again on the same state, and wait until the frontend serves."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        health = [str(self.program), "operator", "cluster", "health", "--address", self.address]
        while subprocess.run(health, check=False, capture_output=True).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the Temporal server did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            psutil.Process(self.process.pid).terminate()
            self.process.wait(10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.folder.cleanup()
