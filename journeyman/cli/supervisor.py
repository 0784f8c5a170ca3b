"""Keeps the parts of one machine running: starts them in order, starts them again when they die, stops them."""

import asyncio
import json
import os
import signal
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from journeyman.cli import processes
from journeyman.cli.errors import PartFailedError
from journeyman.cli.processes import Identity
from journeyman.cli.state import DataFolder

FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
# A part that has lived so many seconds is well; its next death counts as the first.
STEADY = 30.0
# How often a part may fail before it was ready for the first time.
ATTEMPTS = 3
PATIENCE = 45.0
POLL = 0.05
TAIL_LINES = 20
TAIL_BYTES = 65_536

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One program of the product.

    `is_ready` is asked until it says yes. `after` names the parts that must be ready before this one is started.
    `grace` is how many seconds the part has between being asked to stop and being killed.
    """

    name: str
    command: Sequence[str]
    is_ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    grace: float = 3.0
    folder: Path | None = None
    stale: Path | None = None
    """A file that a former life of this part may have left and that must be gone before it starts."""


class Keeper:
    """Keeps one part alive."""

    def __init__(self, part: Part, folder: DataFolder, say: Say) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.process: Process | None = None
        self._log = folder.open_log(part.name)
        self._pid_file = folder.run / f"{part.name}.pid"
        self._say = say
        self._failures = 0

    async def keep(self) -> None:
        """Start the part whenever it does not run, until cancelled.

        Raises `PartFailedError` when it never becomes ready.
        """
        while True:
            began = time.monotonic()
            process = await self._launch()
            becoming = asyncio.create_task(self._become_ready(process))
            try:
                code = await process.wait()
            finally:
                becoming.cancel()
            if time.monotonic() - began >= STEADY:
                self._failures = 0
            await self._pause(ended(code))

    async def stop(self) -> None:
        """Ask the part to stop, and kill what is left of it after its grace."""
        process = self.process
        if process is not None and process.returncode is None:
            processes.send(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self.part.grace)
            except TimeoutError:
                self._say(f"{self.part.name} did not stop within {self.part.grace:g} s and was killed")
                processes.kill_group(process.pid)
                await process.wait()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            processes.kill_group(self.process.pid)

    async def _launch(self) -> Process:
        if self.part.stale:
            self.part.stale.unlink(missing_ok=True)
        self.process = await launch(self.part, self._log)
        identity = Identity.of(self.process.pid)
        if identity:
            self._pid_file.write_text(json.dumps(asdict(identity)))
        return self.process

    async def _become_ready(self, process: Process) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.part.is_ready():  # noqa: ASYNC110 - a program elsewhere sets no event here
                    await asyncio.sleep(POLL)
        except TimeoutError:
            self._say(f"{self.part.name} was not ready within {PATIENCE:g} s and is killed")
            processes.kill_group(process.pid)
            return
        if self.ready.is_set():
            self._say(f"{self.part.name} runs again")
        self.ready.set()

    async def _pause(self, how: str) -> None:
        self._failures += 1
        if not self.ready.is_set() and self._failures >= ATTEMPTS:
            raise PartFailedError(f"{self.part.name} cannot start: it {how}", read_tail(self._log))
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (self._failures - 1))
        self._say(f"{self.part.name} {how}; starting it again in {delay:g} s")
        await asyncio.sleep(delay)


async def launch(part: Part, log_file: Path) -> Process:
    """Start the program of `part`, tied to this process. Raises `PartFailedError` when there is no such program."""
    with log_file.open("ab") as log:
        try:
            return await asyncio.create_subprocess_exec(
                *part.command,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                cwd=part.folder,
                env={**os.environ, **part.environment},
                start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which stops in order
                preexec_fn=processes.tie_to_parent(),
            )
        except OSError as error:
            raise PartFailedError(f"{part.name} cannot be started: {error.strerror}") from error


async def run_to_end(part: Part, folder: DataFolder) -> None:
    """Run a program that does its work and ends. Raises `PartFailedError` when it fails."""
    log = folder.open_log(part.name)
    process = await launch(part, log)
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        processes.kill_group(process.pid)
        await process.wait()
        raise
    if code:
        raise PartFailedError(f"{part.name} {ended(code)}", read_tail(log))


def read_tail(log_file: Path) -> str:
    """The last lines of a log."""
    with log_file.open("rb") as log:
        log.seek(max(0, log_file.stat().st_size - TAIL_BYTES))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-TAIL_LINES:])


class Supervisor:
    """Keeps several parts alive. They are given in the order of starting and stopped in the reverse order."""

    def __init__(self, parts: Sequence[Part], folder: DataFolder, say: Say) -> None:
        self.keepers = {part.name: Keeper(part, folder, say) for part in parts}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start every part and wait until all are ready.

        Raises `PartFailedError` for the first that cannot start.
        """
        self._tasks = [asyncio.create_task(self._keep(keeper)) for keeper in self.keepers.values()]
        everything = asyncio.create_task(self._all_ready())
        try:
            await asyncio.wait([everything, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            everything.cancel()
        self._raise_failure()

    async def watch(self) -> None:
        """Run until cancelled; raises what a keeper did not foresee."""
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self._raise_failure()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for keeper in reversed(self.keepers.values()):
            await keeper.stop()

    def kill(self) -> None:
        """Do not wait for any part's grace."""
        for keeper in self.keepers.values():
            keeper.kill()

    async def _keep(self, keeper: Keeper) -> None:
        for name in keeper.part.after:
            await self.keepers[name].ready.wait()
        await keeper.keep()

    async def _all_ready(self) -> None:
        for keeper in self.keepers.values():
            await keeper.ready.wait()

    def _raise_failure(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()


async def end_left_overs(folder: DataFolder, say: Say) -> None:
    """End the parts that an earlier supervisor left running when it was killed."""
    for file in sorted(folder.run.glob("*.pid")):
        identity = _read_identity(file)
        if identity and identity.runs:
            say(f"ending {file.stem} (process {identity.pid}), left over from an earlier start")
            await processes.end(identity, grace=3)
        file.unlink(missing_ok=True)


def _read_identity(file: Path) -> Identity | None:
    try:
        return Identity(**json.loads(file.read_text()))
    except (ValueError, TypeError):  # the supervisor was killed while it wrote the file
        return None


def ended(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
