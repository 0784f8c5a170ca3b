"""Processes that end with the one that started them, and the recognition of those that did not."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
START_TIME_FIELD = 22  # proc_pid_stat(5)
# Loaded before any fork: between fork and exec nothing may be looked up.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Identity:
    """A process beyond doubt: its number may be given to another one later, its start time tells them apart."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        started = _started(pid)
        return cls(pid, started) if started else None

    @property
    def runs(self) -> bool:
        return _started(self.pid) == self.started


def tie_to_parent() -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that it is killed when its parent ends in any way.

    Linux does it (prctl(2), PR_SET_PDEATHSIG). Elsewhere a child that outlives its parent is found at the next start.
    """
    if _LIBC is None:
        return None
    parent, prctl = os.getpid(), _LIBC.prctl

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return tie


async def end(identity: Identity, grace: float) -> None:
    """End a process that is no child of ours: asked first, killed with its group after `grace` seconds."""
    send(identity.pid, signal.SIGTERM)
    for _ in range(int(grace / 0.05)):
        if not identity.runs:
            return
        await asyncio.sleep(0.05)
    kill_group(identity.pid)
    while identity.runs:  # noqa: ASYNC110 - no event tells of the end of another's child
        await asyncio.sleep(0.01)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def kill_group(leader: int) -> None:
    """Kill a process that leads its own group, with all that it started."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _started(pid: int) -> str | None:
    """When a process was started, in the system's own words; None when it does not run."""
    if sys.platform == "linux":
        return _started_on_linux(pid)
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607 - ps is where the system has it
    return told.stdout.strip() or None


def _started_on_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The program's name may hold spaces and brackets; the fields after it do not. The first of them is the third.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {fields[START_TIME_FIELD - 3]}"
