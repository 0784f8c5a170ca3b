"""The supervisor, with small real programs as its parts."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from journeyman.cli import probes
from journeyman.cli.errors import PartFailedError
from journeyman.cli.processes import Identity
from journeyman.cli.state import DataFolder
from journeyman.cli.supervisor import Part, Supervisor, end_left_overs, ended, run_to_end

ROOT = Path(__file__).parents[3]


class Said(list[str]):
    """What a supervisor said, and waiting until it says it."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.append(line)
        self._news.set()

    async def until(self, line: str) -> None:
        async with asyncio.timeout(20):
            while line not in self:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.path.mkdir()
    made.prepare()
    return made


@pytest.fixture
def said() -> Said:
    return Said()


def part(folder: DataFolder, name: str, *wishes: str, grace: float = 5.0, after: tuple[str, ...] = ()) -> Part:
    marker = folder.run / f"{name}.ready"
    command = [sys.executable, "-m", "tests.parts.program", str(marker), *wishes]
    return Part(name, command, probes.file(marker), after=after, grace=grace, folder=ROOT, stale=marker)


@pytest.fixture
async def started() -> AsyncIterator[list[Supervisor]]:
    """Supervisors put here are stopped when the test ends."""
    running: list[Supervisor] = []
    yield running
    for supervisor in running:
        supervisor.kill()
        await supervisor.stop()


async def start(supervisor: Supervisor, started: list[Supervisor]) -> Supervisor:
    started.append(supervisor)
    async with asyncio.timeout(30):
        await supervisor.start()
    return supervisor


def pid(supervisor: Supervisor, name: str) -> int:
    process = supervisor.keepers[name].process
    assert process is not None
    return process.pid


def running(supervisor: Supervisor, name: str) -> Identity:
    identity = Identity.of(pid(supervisor, name))
    assert identity is not None
    return identity


async def test_a_part_killed_in_any_way_is_started_again(
    folder: DataFolder, said: Said, started: list[Supervisor]
) -> None:
    supervisor = await start(Supervisor([part(folder, "one"), part(folder, "two")], folder, said), started)
    first, other = pid(supervisor, "one"), pid(supervisor, "two")
    os.kill(first, signal.SIGKILL)
    await said.until("one runs again")
    assert said == ["one was killed by SIGKILL; starting it again in 0.2 s", "one runs again"]
    assert pid(supervisor, "one") != first
    assert pid(supervisor, "two") == other


async def test_the_pause_grows_with_each_failure_in_a_row(
    folder: DataFolder, said: Said, started: list[Supervisor]
) -> None:
    supervisor = await start(Supervisor([part(folder, "one")], folder, said), started)
    for _ in range(2):
        said.clear()
        os.kill(pid(supervisor, "one"), signal.SIGTERM)
        await said.until("one runs again")
    assert said[0] == "one ended with exit code 0; starting it again in 0.4 s"


async def test_parts_stop_in_the_reverse_order_of_their_start(folder: DataFolder, said: Said) -> None:
    parts = [part(folder, "server"), part(folder, "client", after=("server",))]
    supervisor = Supervisor(parts, folder, said)
    await supervisor.start()
    ready, launched = folder.run / "server.ready", folder.run / "client.pid"
    assert ready.stat().st_mtime_ns <= launched.stat().st_mtime_ns
    parts_running = [running(supervisor, name) for name in ("server", "client")]
    await supervisor.stop()
    logs = [folder.logs / f"{name}.log" for name in ("client", "server")]
    assert [log.read_text() for log in logs] == ["started\nended in order\n"] * 2
    assert logs[0].stat().st_mtime_ns < logs[1].stat().st_mtime_ns
    assert not any(one.runs for one in parts_running)
    assert list(folder.run.glob("*.pid")) == []


async def test_a_part_that_will_not_stop_is_killed_after_its_grace(folder: DataFolder, said: Said) -> None:
    supervisor = Supervisor([part(folder, "one", "--deaf", grace=0.3)], folder, said)
    await supervisor.start()
    process = running(supervisor, "one")
    await supervisor.stop()
    assert said == ["one did not stop within 0.3 s and was killed"]
    assert not process.runs


async def test_a_part_that_cannot_start_says_what_it_wrote(
    folder: DataFolder, said: Said, started: list[Supervisor]
) -> None:
    supervisor = Supervisor([part(folder, "good"), part(folder, "bad", "--fail")], folder, said)
    with pytest.raises(PartFailedError, match="bad cannot start: it ended with exit code 3") as caught:
        await start(supervisor, started)
    assert caught.value.tail == "\n".join(["started", "no luck today"] * 3)


async def test_a_program_that_is_missing_is_named(folder: DataFolder, said: Said, started: list[Supervisor]) -> None:
    lost = Part("lost", ["/nowhere/program"], probes.never)
    with pytest.raises(PartFailedError, match="lost cannot be started: No such file"):
        await start(Supervisor([lost], folder, said), started)


async def test_logs_of_earlier_lives_are_kept(folder: DataFolder, said: Said) -> None:
    for _ in range(2):
        supervisor = Supervisor([part(folder, "one")], folder, said)
        await supervisor.start()
        await supervisor.stop()
    assert sorted(file.name for file in folder.logs.iterdir()) == ["one.log", "one.log.1"]


async def test_a_program_that_ends_badly_fails_what_waits_for_it(folder: DataFolder) -> None:
    with pytest.raises(PartFailedError, match="once ended with exit code 3") as caught:
        await run_to_end(part(folder, "once", "--fail"), folder)
    assert caught.value.tail.endswith("no luck today")


def start_supervisor_process(folder: DataFolder) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.parts.supervising", str(folder.path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def start_program(folder: DataFolder, name: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.parts.program", str(folder.run / f"{name}.ready")]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def part_of(folder: DataFolder) -> Identity:
    return Identity(**json.loads((folder.run / "part.pid").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
async def test_parts_die_with_a_supervisor_that_is_killed(folder: DataFolder) -> None:
    process = start_supervisor_process(folder)
    identity = part_of(folder)
    assert identity.runs
    process.kill()
    process.communicate()
    async with asyncio.timeout(10):
        while identity.runs:  # noqa: ASYNC110 - no event tells of the end of another's child
            await asyncio.sleep(0.01)


async def test_a_left_over_part_is_ended_and_a_stranger_with_its_number_is_not(folder: DataFolder, said: Said) -> None:
    left_over, stranger = start_program(folder, "old"), start_program(folder, "stranger")
    identity = Identity.of(left_over.pid)
    assert identity is not None
    (folder.run / "old.pid").write_text(json.dumps({"pid": identity.pid, "started": identity.started}))
    (folder.run / "reused.pid").write_text(json.dumps({"pid": stranger.pid, "started": "another boot 1"}))
    (folder.run / "torn.pid").write_text('{"pid": 1')
    await end_left_overs(folder, said)
    assert said == [f"ending old (process {left_over.pid}), left over from an earlier start"]
    assert left_over.wait(5) == -signal.SIGTERM or left_over.returncode == 0
    assert stranger.poll() is None
    assert list(folder.run.glob("*.pid")) == []
    stranger.kill()
    stranger.wait()


def test_how_a_process_ended_is_said_in_words() -> None:
    assert ended(-9) == "was killed by SIGKILL"
    assert ended(2) == "ended with exit code 2"
