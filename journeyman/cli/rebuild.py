"""`journeyman rebuild`: is what was kept event by event what the stored events come to?"""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeyman.cli.doctor import settings_for
from journeyman.cli.errors import FAILED
from journeyman.cli.settings import AsJson
from journeyman.kit.errors import NotFoundError
from journeyman.settings import Settings

if TYPE_CHECKING:
    from journeyman.journeys.rebuilding import Report

Data = Annotated[
    Path, typer.Option(help="State of a `journeyman up` on this machine, whose database is meant.", metavar="DIR")
]
Repair = Annotated[bool, typer.Option("--repair", help="Write what is right where something differs.")]


def rebuild(data: Path = Path(".journeyman"), repair: Repair = False, as_json: AsJson = False) -> None:
    """Make what is kept of every customer anew from her events, and tell what differs.

    Ends with 1 when something differs and was not put right. Events may come in meanwhile. JOURNEYMAN_DATABASE_URL
    says which database is meant; without it, that of the last `journeyman up` in DIR.
    """
    report = asyncio.run(_rebuild(settings_for(data), repair=repair, shown=not as_json))
    if as_json:
        print(json.dumps(told(report, repair=repair), indent=2))
    else:
        _show(report, repair=repair)
    if report.differing and not repair:
        raise typer.Exit(FAILED)


async def _rebuild(settings: Settings, *, repair: bool, shown: bool) -> "Report":
    from journeyman.bootstrap import build  # noqa: PLC0415 - loads all of the product
    from journeyman.journeys.checks import every_check  # noqa: PLC0415 - as above
    from journeyman.journeys.rebuilding import Rebuilding  # noqa: PLC0415 - as above

    if settings.sqlite_file is not None and not settings.sqlite_file.exists():
        # Opening it would make one.
        raise NotFoundError(f"there is no file {settings.sqlite_file}; set JOURNEYMAN_DATABASE_URL")
    services = build(settings)
    try:
        rebuilding = Rebuilding(services.database, services.clock, every_check())
        return await rebuilding.run(repair=repair, tell=_tell if shown else None)
    finally:
        await services.close()


def _tell(customers: int) -> None:
    """How far it has come, on the terminal's last line."""
    typer.echo(f"\r{customers:,} customers", nl=False, err=True)


def told(report: "Report", *, repair: bool) -> dict[str, Any]:
    """The report as a document."""
    return {
        "customers": report.customers,
        "differing": report.differing,
        "repaired": repair,
        "differences": [asdict(report.differences[what]) for what in sorted(report.differences)],
    }


def _show(report: "Report", *, repair: bool) -> None:
    typer.echo("\r", nl=False, err=True)
    for what in sorted(report.differences):
        difference = report.differences[what]
        typer.echo(f"{what}: {difference.customers:,} customers")
        for one in difference.examples:
            typer.echo(f"    {one.customer_id}: kept {json.dumps(one.kept)}, comes to {json.dumps(one.rebuilt)}")
    ending = ", all put right" if repair and report.differing else ""
    typer.echo(f"{report.customers:,} customers, {report.differing:,} differ{ending}")
