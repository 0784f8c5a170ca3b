"""`journeyman up`: everything on one machine."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from journeyman.cli import temporal_server
from journeyman.cli.errors import PartFailedError
from journeyman.cli.parts import (
    Addresses,
    Ports,
    TemporalPorts,
    find_addresses,
    list_parts,
    make_environment,
    migration,
)
from journeyman.cli.ports import settle
from journeyman.cli.settings import AsJson, read_settings
from journeyman.cli.state import DataFolder, write_private
from journeyman.cli.supervisor import Supervisor, end_left_overs, run_to_end

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _port(name: str, meaning: str) -> Any:  # noqa: ANN401 - what typer.Option declares to give
    return typer.Option(name, min=0, max=65_535, help=f"Port of {meaning}; 0 picks a free one.", metavar="N")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line."""

    data: Path
    ports: dict[str, int]
    temporal: str
    fresh: bool
    demo: bool
    demo_day: float
    as_json: bool


def up(
    data: Annotated[Path, typer.Option(help="Folder of all state.", metavar="DIR")] = Path(".journeyman"),
    port: Annotated[int, _port("--port", "the API and the console")] = 8080,
    temporal_port: Annotated[int, _port("--temporal-port", "the Temporal server")] = 7233,
    ui_port: Annotated[int, _port("--ui-port", "the Temporal UI")] = 8233,
    smtp_port: Annotated[int, _port("--smtp-port", "the local mailbox for incoming mail")] = 1025,
    mailbox_port: Annotated[int, _port("--mailbox-port", "the local mailbox's page")] = 8025,
    temporal: Annotated[
        str, typer.Option(help="Use this Temporal server (host:port) instead of starting one.", metavar="ADDRESS")
    ] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget all state in DIR first.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Play a shop's events through real journeys.")] = False,
    demo_day: Annotated[
        float, typer.Option(min=0.1, max=86_400, help="Seconds that a day takes in the demo.", metavar="SECONDS")
    ] = 4.0,
    as_json: AsJson = False,
) -> None:
    """Run everything on this machine until Ctrl-C: Temporal, the API, the worker and a mailbox that catches all mail.

    Prints `ready` when all of it works. A part that dies is started again; started again on the same DIR, every run
    goes on where it was. JOURNEYMAN_DATABASE_URL uses a database that is there instead of a file in DIR;
    JOURNEYMAN_ADMIN_KEY and JOURNEYMAN_INGEST_KEY give the first keys, otherwise they are made and kept in DIR.
    """
    os.umask(0o077)  # what the parts write is about people
    ports = {"--port": port, "--smtp-port": smtp_port, "--mailbox-port": mailbox_port}
    if not temporal:
        ports |= {"--temporal-port": temporal_port, "--ui-port": ui_port}
    asyncio.run(_run(Wishes(data, ports, temporal, fresh, demo, demo_day, as_json)))


async def _run(wishes: Wishes) -> None:
    """Everything between taking the folder and giving it back."""
    folder = DataFolder(wishes.data)
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with folder.locked():
        await _unless(stop, Session(wishes, folder).run())


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do `work` until it ends or `stop` is set; raises what `work` raises."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
    with suppress(asyncio.CancelledError):
        await working


class Session:
    """One life of `journeyman up`."""

    def __init__(self, wishes: Wishes, folder: DataFolder) -> None:
        self.wishes = wishes
        self.folder = folder
        self.console = Console(highlight=False)

    def say(self, line: str) -> None:
        self.console.print(line, markup=False, soft_wrap=True)

    async def run(self) -> None:
        settings = read_settings()
        await self._clear()
        ports = self._ports()
        if self.wishes.temporal:
            await temporal_server.prepare_foreign(
                temporal_server.find_program(), self.wishes.temporal, settings.temporal_namespace
            )
        addresses = find_addresses(ports, self.wishes.temporal, settings, self.folder)
        keys = self.folder.keys(os.environ)
        environment = make_environment(addresses, self.folder, keys, os.environ)
        supervisor = Supervisor(list_parts(ports, self.folder, settings, environment), self.folder, self.say)
        try:
            await run_to_end(migration(environment), self.folder)
            await supervisor.start()
            self._announce(addresses)
            async with self._demo(addresses, keys):
                await supervisor.watch()
        except PartFailedError as error:
            if error.tail:
                self.say(error.tail)
            raise
        finally:
            await self._stop(supervisor)

    async def _clear(self) -> None:
        await end_left_overs(self.folder, self.say)
        if self.wishes.fresh:
            self.folder.wipe()
        self.folder.prepare()

    def _ports(self) -> Ports:
        port = settle(self.wishes.ports)
        own = TemporalPorts(port["--temporal-port"], port["--ui-port"]) if "--ui-port" in port else None
        return Ports(port["--port"], port["--smtp-port"], port["--mailbox-port"], own)

    def _announce(self, addresses: Addresses) -> None:
        write_private(self.folder.path / "addresses.json", json.dumps(addresses.as_json(), indent=2) + "\n")
        if self.wishes.as_json:
            print(json.dumps(addresses.as_json()))
        else:
            self._print_table(addresses)
        print("ready", flush=True)

    def _print_table(self, addresses: Addresses) -> None:
        table = Table(show_header=False, box=None, padding=(0, 2))
        for name, address in addresses.as_json().items():
            table.add_row(name.replace("_", " "), address)
        self.console.print(table)

    @asynccontextmanager
    async def _demo(self, addresses: Addresses, keys: dict[str, str]) -> AsyncIterator[None]:
        """Play the demo beside the block where it was asked for."""
        if not self.wishes.demo:
            yield
            return
        from journeyman.cli.demo.demo import Stage, play_demo  # noqa: PLC0415 - only where it is asked for

        stage = Stage(addresses.api, addresses.mailbox, keys)
        playing = asyncio.create_task(play_demo(stage, self.console, self.wishes.demo_day))
        try:
            yield
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    async def _stop(self, supervisor: Supervisor) -> None:
        """Stop all parts in order; a second signal kills them."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, supervisor.kill)
        await supervisor.stop()
