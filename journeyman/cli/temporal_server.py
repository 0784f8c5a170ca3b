"""The Temporal server that `journeyman up` brings: its program, its settings, its health."""

import asyncio
import shutil
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path

from journeyman.cli import probes
from journeyman.cli.ports import LOOPBACK
from journeyman.kit.errors import DomainError, InvalidError

# Measured on two cores, the server on a file with these settings does 2.5 to 4 times the work of the stock one.
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-65536",
    "temp_store=MEMORY",
    "wal_autocheckpoint=10000",
)
DYNAMIC_CONFIG = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "system.forceSearchAttributesCacheRefreshOnRead=false",
    "system.forceNexusEndpointRefreshOnRead=false",
    # Stock, a timer fires up to a second late.
    'history.timerProcessorMaxTimeShift="10ms"',
    "history.timerProcessorMaxPollRPS=200",
    "history.transferProcessorMaxPollRPS=200",
    "history.visibilityProcessorMaxPollRPS=200",
)
SEARCH_ATTRIBUTES = {
    "JourneyKey": "Keyword",
    "JourneyVersion": "Int",
    "CustomerId": "Keyword",
    "JourneyStep": "Keyword",
}
OPERATOR_TIMEOUT = 10.0


def find_program() -> Path:
    """The `temporal` program beside this Python, else on the path. Raises `DomainError` when there is none."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if not found:
        raise DomainError(
            "the `temporal` program is missing: run `make setup`, or use a server with --temporal ADDRESS"
        )
    return Path(found)


def server_command(program: Path, database: Path, namespace: str, port: int, ui_port: int) -> list[str]:
    """The server on loopback with its state in the file `database`."""
    command = [str(program), "server", "start-dev", "--db-filename", str(database), "--namespace", namespace]
    command += ["--ip", LOOPBACK, "--port", str(port), "--ui-port", str(ui_port), "--ui-disable-news-fetch"]
    command += ["--log-level", "warn"]
    for pragma in SQLITE_PRAGMAS:
        command += ["--sqlite-pragma", pragma]
    for value in DYNAMIC_CONFIG:
        command += ["--dynamic-config-value", value]
    for name, kind in SEARCH_ATTRIBUTES.items():
        command += ["--search-attribute", f"{name}={kind}"]
    return command


def healthy(program: Path, port: int) -> probes.Probe:
    """Ready when the frontend says that it serves; right after the start it listens and refuses."""

    async def ask() -> bool:
        if not await probes.connects(LOOPBACK, port):
            return False
        return await _operator(program, f"{LOOPBACK}:{port}", "cluster", "health") == 0

    return ask


async def prepare_foreign(program: Path, address: str, namespace: str) -> None:
    """Make sure that a server which is there already answers and knows the search attributes.

    Raises `DomainError` when it does not answer, `InvalidError` when `address` is none.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InvalidError(f"--temporal {address}: write host:port, such as 127.0.0.1:7233")
    if not await probes.connects(host.strip("[]"), int(port)):
        raise DomainError(f"no Temporal server answers at {address}")
    arguments = [text for name, kind in SEARCH_ATTRIBUTES.items() for text in ("--name", name, "--type", kind)]
    # A server with permissions of its own may refuse this; there the operator adds them.
    await _operator(program, address, "search-attribute", "create", "--namespace", namespace, *arguments)


async def _operator(program: Path, address: str, *arguments: str) -> int | None:
    """The exit code of `temporal operator …`; None when it does not come to an end."""
    process = await asyncio.create_subprocess_exec(
        program, "operator", *arguments, "--address", address, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        return await asyncio.wait_for(process.wait(), OPERATOR_TIMEOUT)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
