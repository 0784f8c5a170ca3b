"""`journeyman up` with all of its real parts."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from journeyman.cli.ports import is_taken
from journeyman.cli.temporal_server import find_program
from tests.parts.postgres import PostgresServer, free_port
from tests.parts.up import ROOT, RunningUp, clean_environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PARTS = ("temporal", "mailbox", "api", "worker")


@pytest.fixture
def started() -> Iterator[list[RunningUp]]:
    """What is put here is gone when the test ends."""
    running: list[RunningUp] = []
    yield running
    for up in running:
        up.kill()


def start(started: list[RunningUp], data: Path, *arguments: str, database_url: str = "") -> RunningUp:
    settings = {"JOURNEYMAN_DATABASE_URL": database_url} if database_url else {}
    started.append(RunningUp(data, *arguments, settings=settings))
    return started[-1]


def answers(up: RunningUp) -> dict[str, int]:
    paths = {"api": "/readyz", "documentation": "", "mailbox": "/livez", "temporal_ui": "/"}
    with httpx.Client(trust_env=False, timeout=30, follow_redirects=True) as client:
        return {name: client.get(up.addresses[name] + path).status_code for name, path in paths.items()}


def admin_may_read(up: RunningUp) -> bool:
    event = {"userId": "c1", "event": "Started", "messageId": "m1"}
    headers = {"Authorization": f"Bearer {up.keys['admin']}"}
    with httpx.Client(trust_env=False, timeout=30, headers=headers) as client:
        return client.post(up.addresses["api"] + "/v1/track", json=event).text == '{"success":true}'


def wait_until_gone(up: RunningUp) -> None:
    parts = [up.part(name) for name in PARTS]
    deadline = time.monotonic() + 10
    while any(part.runs for part in parts):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_machine_lives_through_all_that_befalls_it(tmp_path: Path, started: list[RunningUp]) -> None:
    data = tmp_path / "data"
    up = start(started, data)
    assert answers(up) == dict.fromkeys(("api", "documentation", "mailbox", "temporal_ui"), 200)
    assert admin_may_read(up)
    keys, ports = up.keys, up.addresses["api"].rsplit(":", 1)[1]

    for name in PARTS:  # one after the other, while the others go on
        before = up.part(name)
        subprocess.run(["kill", "-9", str(before.pid)], check=True)
        up.wait_for(f"{name} runs again")
        assert up.part(name) != before
    assert set(answers(up).values()) == {200}

    up.kill()
    wait_until_gone(up)
    up = start(started, data, "--port", ports)
    assert up.keys == keys
    assert set(answers(up).values()) == {200}

    began = time.monotonic()
    parts = [up.part(name) for name in PARTS]
    assert up.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 15
    assert not any(part.runs for part in parts)


def test_servers_that_are_there_are_used(tmp_path: Path, started: list[RunningUp], postgres: PostgresServer) -> None:
    port = free_port()
    command = [str(find_program()), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    postgres.execute("CREATE DATABASE up_there")
    try:
        while not is_taken(port):
            assert server.poll() is None
            time.sleep(0.05)
        address = f"127.0.0.1:{port}"
        up = start(started, tmp_path, "--temporal", address, database_url=postgres.url("up_there"))
        assert up.addresses["temporal"] == address
        assert admin_may_read(up)
        assert not (tmp_path / "run" / "temporal.pid").exists()
        assert list(tmp_path.glob("*.db")) == [tmp_path / "mailbox.db"]
        assert up.stop() == 0
    finally:
        server.terminate()
        server.wait(20)
        postgres.execute("DROP DATABASE up_there WITH (FORCE)")


def refused(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "journeyman.cli.main", "up", *arguments]
    told = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert told.stderr.count("\n") == 1
    return told.returncode, told.stderr


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        others = ("--temporal-port", "0", "--ui-port", "0", "--smtp-port", "0", "--mailbox-port", "0")
        code, said = refused("--data", str(tmp_path), "--port", port, *others)
    assert code == 2
    assert f"port {port} is taken" in said
    assert "--port" in said
    assert list(tmp_path.glob("*.db")) == []


def test_a_temporal_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    free = ("--port", "0", "--smtp-port", "0", "--mailbox-port", "0")
    code, said = refused("--data", str(tmp_path), *free, "--temporal", address)
    assert code == 1
    assert f"no Temporal server answers at {address}" in said
