"""`journeyman up` as a process of its own, with free ports and a folder of its own."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeyman.cli.processes import Identity
from journeyman.settings import Settings

ROOT = Path(__file__).parents[2]
PORTS = ("--port", "--temporal-port", "--ui-port", "--smtp-port", "--mailbox-port")
PATIENCE = 180.0


class RunningUp:
    """Starts at once and waits until it is ready; `addresses` and `keys` tell how to reach its parts."""

    def __init__(self, data: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        command = [sys.executable, "-m", "journeyman.cli.main", "up", "--data", str(data), "--json"]
        free = [text for port in PORTS if port not in arguments for text in (port, "0")]
        self.process = subprocess.Popen(
            [*command, *free, *arguments],
            cwd=ROOT,
            env=clean_environment() | dict(settings or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[str] = []
        self._begun = ""
        self.wait_for("ready", PATIENCE)
        self.addresses: dict[str, str] = next(json.loads(line) for line in self.lines if line.startswith("{"))

    @property
    def keys(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads((self.data / "keys.json").read_text())
        return kept

    def part(self, name: str) -> Identity:
        told: dict[str, Any] = json.loads((self.data / "run" / f"{name}.pid").read_text())
        return Identity(**told)

    def wait_for(self, line: str, patience: float = 60) -> None:
        """Read on until the supervisor has said `line`."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + patience
        while line not in self.lines:
            # Read without Python's buffer: what stands in it is nothing that `select` could see.
            readable, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            said = os.read(self.process.stdout.fileno(), 65_536) if readable else b""
            if not said:
                self.process.kill()
                raise AssertionError(f"never said {line!r}: {self.lines} {self.process.communicate()[1]!r}")
            *whole, self._begun = (self._begun + said.decode()).split("\n")
            self.lines += whole

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


def clean_environment() -> dict[str, str]:
    """This environment without settings of the product."""
    settings = {f"JOURNEYMAN_{name.upper()}" for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name not in settings}
