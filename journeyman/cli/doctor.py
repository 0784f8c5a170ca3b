"""`journeyman doctor`: is everything well, and if not, what is to be done."""

import asyncio
import json
import os
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli.errors import FAILED
from journeyman.cli.settings import AsJson, read_settings
from journeyman.settings import Settings

if TYPE_CHECKING:
    from journeyman.insight.health.findings import Finding

PREFIX = "JOURNEYMAN_"
SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}
COLOURS = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}

Data = Annotated[
    Path, typer.Option(help="State of a `journeyman up` on this machine, whose parts are meant.", metavar="DIR")
]
RestartLost = Annotated[
    bool, typer.Option("--restart-lost", help="Start the workflows of live runs that Temporal has lost.")
]


def doctor(data: Data = Path(".journeyman"), restart_lost: RestartLost = False, as_json: AsJson = False) -> None:
    """Look at the database, Temporal, workers, queues, runs and providers, and say what is to be mended.

    Ends with 1 when something does not work. JOURNEYMAN_* variables say where the parts are; without them, what the
    last `journeyman up` in DIR has started is meant.
    """
    findings = asyncio.run(_examine(settings_for(data), restart_lost=restart_lost))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _show(findings)
    if any(finding.level == "fail" for finding in findings):
        raise typer.Exit(FAILED)


def settings_for(data: Path) -> Settings:
    """The settings of the environment; what it leaves open is what an `up` in this folder has told its parts."""
    from journeyman.cli.parts import Addresses, make_environment  # noqa: PLC0415 - only where there was an `up`
    from journeyman.cli.state import DataFolder  # noqa: PLC0415 - as above

    folder = DataFolder(data)
    file = folder.path / "addresses.json"
    if not file.exists():
        return read_settings()
    addresses = Addresses(**json.loads(file.read_text()))
    told = make_environment(addresses, folder, folder.keys(os.environ), os.environ)
    wanted = {name: value for name, value in (told | dict(os.environ)).items() if name.startswith(PREFIX)}
    return Settings.model_validate({name.removeprefix(PREFIX).lower(): value for name, value in wanted.items()})


async def _examine(settings: Settings, *, restart_lost: bool) -> list["Finding"]:
    from journeyman.bootstrap import audiences_of, build, calls_of, engine_of, routes_of  # noqa: PLC0415 - loads all of the product
    from journeyman.insight.health.findings import fail  # noqa: PLC0415 - as above
    from journeyman.insight.health.health import Health  # noqa: PLC0415 - as above

    file = settings.sqlite_file
    if file is not None and not file.exists():
        # Opening it would make one.
        return [fail("database", f"there is no file {file}", "Run journeyman up, or set JOURNEYMAN_DATABASE_URL")]
    async with AsyncExitStack() as stack:
        services = build(settings)
        stack.push_async_callback(services.close)
        routes = routes_of(settings)
        for route in routes.values():
            stack.push_async_callback(route.close)
        calls = calls_of(settings, services.clock)
        stack.push_async_callback(calls.close)
        audiences = {name: one.network for name, one in audiences_of(settings, services.clock).items()}
        for network in audiences.values():
            stack.push_async_callback(network.close)
        engine = await engine_of(settings)
        health = Health(settings, services.database, services.clock, engine, routes, calls, audiences)
        findings = await health.examine()
        return [*findings, *await health.restart_lost()] if restart_lost else findings


def _show(findings: list["Finding"]) -> None:
    for finding in findings:
        sign = typer.style(SIGNS[finding.level], fg=COLOURS[finding.level])
        typer.echo(f"{sign} {finding.area}: {finding.detail}")
        if finding.mend:
            typer.echo(f"    {finding.mend}.")
    counts = {level: sum(finding.level == level for finding in findings) for level in SIGNS}
    typer.echo(f"{counts['ok']} ok, {counts['warn']} to look at, {counts['fail']} to mend")
