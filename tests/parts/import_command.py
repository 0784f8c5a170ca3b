"""`journeyman import` as a person sees it: a process on a terminal, which can be killed where it stands."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.parts.up import ROOT, clean_environment

PATIENCE = 60.0
"""Seconds for which an import may come no further."""
MEMORY_EVERY = 0.05
"""Seconds between two looks at how much memory the process has."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FRAME = re.compile(r"(\d+)%\s+([\d,]+) rows")
_GOES_ON = re.compile(r"goes on after ([\d,]+) rows")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def number(text: str) -> int:
    """A number as people read it, such as 1,000."""
    return int(text.replace(",", ""))


def command(database_url: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """What to start, and in which environment."""
    line = [sys.executable, "-m", "journeyman.cli.main", "import", *arguments]
    surroundings = {"JOURNEYMAN_DATABASE_URL": database_url, "COLUMNS": "200", "TERM": "xterm"}
    return line, clean_environment() | surroundings


def rows_done(checkpoint: Path) -> int:
    """How many rows an import has remembered to be past."""
    try:
        return int(json.loads(checkpoint.read_bytes())["tally"]["rows"])
    except FileNotFoundError:
        return 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What the progress bar has shown at one time."""

    percent: int
    rows: int


class ImportCommand:
    """One call of the command. Starts at once; stderr is a terminal, so that it shows how far it is."""

    def __init__(self, database_url: str, *arguments: str) -> None:
        self.peak_kilobytes = 0
        self._looked_at = 0.0
        self._told = b""
        line, environment = command(database_url, *arguments)
        self._screen, terminal = pty.openpty()
        self.process = subprocess.Popen(line, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)

    def kill_past(self, checkpoint: Path, rows: int, delay: float = 0.0) -> None:
        """Kill it `delay` seconds after it is past so many rows. Raises `AssertionError` where it does not come there.

        What it does in that moment is left to chance: it may be storing a batch, or remembering that it has.
        """
        deadline = time.monotonic() + PATIENCE
        before = 0
        while (done := rows_done(checkpoint)) < rows:
            deadline = time.monotonic() + PATIENCE if done > before else deadline
            before = done
            assert self._watch(0.005), f"the import has ended before row {rows:,}: {self.said}"
            assert time.monotonic() < deadline, f"the import does not come past row {done:,}"
        time.sleep(delay)
        assert self.process.poll() is None, f"the import has ended before it could be killed: {self.said}"
        os.kill(self.process.pid, signal.SIGKILL)
        self._end()

    def finish(self) -> str:
        """Wait until it has ended by itself; what it has printed on stdout."""
        while self._watch(1.0):
            pass
        return self._end()

    @property
    def said(self) -> str:
        """All that has come onto the terminal, without colours and movements of the cursor."""
        return _CONTROL.sub("", self._told.decode(errors="replace"))

    @property
    def frames(self) -> list[Frame]:
        """What the progress bar has shown, in order."""
        return [Frame(int(percent), number(rows)) for percent, rows in _FRAME.findall(self.said)]

    @property
    def went_on_after(self) -> int:
        """How many rows it said that an earlier call had dealt with."""
        found = _GOES_ON.search(self.said)
        return number(found[1]) if found else 0

    def _watch(self, seconds: float) -> bool:
        """Take what it shows within so many seconds; False once it has ended."""
        self._look_at_memory()
        readable, _, _ = select.select([self._screen], [], [], seconds)
        if not readable:
            return True
        try:
            told = os.read(self._screen, 65_536)
        except OSError:  # Linux: nobody has the other side of the terminal open any more
            return False
        self._told += told
        return bool(told)

    def _look_at_memory(self) -> None:
        now = time.monotonic()
        if now < self._looked_at + MEMORY_EVERY:
            return
        self._looked_at = now
        try:
            found = _PEAK.search(Path(f"/proc/{self.process.pid}/status").read_text())
        except OSError:
            return
        self.peak_kilobytes = max(self.peak_kilobytes, int(found[1]) if found else 0)

    def _end(self) -> str:
        while self._watch(1.0):
            pass
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return printed.decode()

    def close(self) -> None:
        """Let go of the terminal; a process that still runs is killed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        if self._screen >= 0:
            os.close(self._screen)
            self._screen = -1
