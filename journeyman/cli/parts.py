"""Which parts `journeyman up` runs, with which settings, and where they are reached."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from journeyman.cli import probes, temporal_server
from journeyman.cli.ports import LOOPBACK
from journeyman.cli.state import DataFolder
from journeyman.cli.supervisor import Part
from journeyman.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class TemporalPorts:
    frontend: int
    ui: int


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one machine; `temporal` is None where a server that is there already is used."""

    api: int
    smtp: int
    mailbox: int
    temporal: TemporalPorts | None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a person or a program finds each part."""

    api: str
    documentation: str
    temporal: str
    temporal_ui: str
    mailbox: str
    smtp: str
    keys: str
    logs: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def find_addresses(ports: Ports, temporal: str, settings: Settings, folder: DataFolder) -> Addresses:
    """`temporal` is the address of a server that is there already, empty where one is started."""
    api = f"http://{LOOPBACK}:{ports.api}"
    return Addresses(
        api=api,
        documentation=f"{api}/openapi.json",
        temporal=f"{LOOPBACK}:{ports.temporal.frontend}" if ports.temporal else temporal,
        temporal_ui=f"http://{LOOPBACK}:{ports.temporal.ui}" if ports.temporal else settings.temporal_ui_url,
        mailbox=f"http://{LOOPBACK}:{ports.mailbox}",
        smtp=f"smtp://{LOOPBACK}:{ports.smtp}",
        keys=str(folder.keys_file),
        logs=str(folder.logs),
    )


def make_environment(
    addresses: Addresses, folder: DataFolder, keys: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The settings of every part. What stands in `given`, this process's own environment, goes first where that is
    a wish; the addresses of the parts started here do not give way.
    """
    wishes = {
        "JOURNEYMAN_DATABASE_URL": f"sqlite+aiosqlite:///{folder.path / 'journeyman.db'}",
        "JOURNEYMAN_PUBLIC_URL": addresses.api,
        "JOURNEYMAN_SMTP_URL": addresses.smtp,
    }
    settled = {
        "JOURNEYMAN_TEMPORAL_ADDRESS": addresses.temporal,
        "JOURNEYMAN_TEMPORAL_UI_URL": addresses.temporal_ui,
        "JOURNEYMAN_MAILBOX_URL": addresses.mailbox,
        "JOURNEYMAN_SECRET_KEY": given.get("JOURNEYMAN_SECRET_KEY") or folder.secret(),
        "JOURNEYMAN_ADMIN_KEY": keys["admin"],
        "JOURNEYMAN_INGEST_KEY": keys["ingest"],
        "PYTHONUNBUFFERED": "1",
    }
    return {name: given.get(name) or value for name, value in wishes.items()} | settled | _bytecode(folder)


def _bytecode(folder: DataFolder) -> dict[str, str]:
    """Where Python may not leave its bytecode beside the source, it does so in the folder of state.

    Without any, a part takes twice as long to start, and to start again.
    """
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.path / "bytecode")}


def migration(environment: Mapping[str, str]) -> Part:
    """The migrations, a program that ends."""
    command = [sys.executable, "-m", "journeyman.cli.main", "migrate"]
    return Part("migrate", command, probes.never, environment, folder=ROOT)


def list_parts(ports: Ports, folder: DataFolder, settings: Settings, environment: Mapping[str, str]) -> list[Part]:
    """The parts in the order of starting."""
    temporal = [_temporal(ports.temporal, folder, settings)] if ports.temporal else []
    after = tuple(part.name for part in temporal)
    return [
        *temporal,
        _mailbox(ports, folder, environment),
        _api(ports, environment, after),
        _worker(folder, environment, after),
    ]


def _temporal(ports: TemporalPorts, folder: DataFolder, settings: Settings) -> Part:
    program = temporal_server.find_program()
    command = temporal_server.server_command(
        program, folder.path / "temporal.db", settings.temporal_namespace, ports.frontend, ports.ui
    )
    return Part("temporal", command, temporal_server.healthy(program, ports.frontend), grace=3.5)


def _mailbox(ports: Ports, folder: DataFolder, environment: Mapping[str, str]) -> Part:
    command = [sys.executable, "-m", "api.mailbox", "--smtp-port", str(ports.smtp), "--port", str(ports.mailbox)]
    command += ["--file", str(folder.path / "mailbox.db")]
    return Part("mailbox", command, probes.http(ports.mailbox, "/livez"), environment, grace=1.5, folder=ROOT)


def _api(ports: Ports, environment: Mapping[str, str], after: tuple[str, ...]) -> Part:
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--host", LOOPBACK]
    command += ["--port", str(ports.api), "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    command += ["--timeout-graceful-shutdown", "2"]
    return Part("api", command, probes.http(ports.api, "/readyz"), environment, after, grace=3.5, folder=ROOT)


def _worker(folder: DataFolder, environment: Mapping[str, str], after: tuple[str, ...]) -> Part:
    marker = folder.run / "worker.ready"
    return Part(
        "worker",
        [sys.executable, "worker.py"],
        probes.file(marker),
        {**environment, "JOURNEYMAN_READY_FILE": str(marker)},
        after,
        grace=5.5,
        folder=ROOT,
        stale=marker,
    )
